"""ring(): what host code stored and tells of is announced, once, and not before it is committed."""

from __future__ import annotations

import pytest
from django.db import transaction

from carillon.notifications import actions, notify
from carillon.notifications.models import Notification
from tests.features.notifications.inbox import counters, events_of
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def stored(user: object) -> str:
    return Notification.objects.create(user=user, title="Par l’ORM").pk


@covers("000-19", "001-11")
def test_a_stored_row_is_announced_once_however_often_it_is_told() -> None:
    alice = make_user()
    id = stored(alice)
    assert [actions.ring(str(alice.pk), id) for _ in range(3)] == [True] * 3
    assert [name for name, _ in events_of(alice)] == ["notification.created"]
    assert counters(alice) == (1, 1)


def test_what_was_announced_is_not_announced_again() -> None:
    alice = make_user()
    id = notify(alice, title="Par notify").notifications[0].pk
    assert actions.ring(str(alice.pk), id)
    assert len(events_of(alice)) == 1


def test_in_a_transaction_it_rings_right_after_the_commit() -> None:
    alice = make_user()
    with transaction.atomic():
        id = stored(alice)
        assert actions.ring(str(alice.pk), id), "it is seen on the caller's own connection"
        assert events_of(alice) == []
    assert [data["notification"]["id"] for _, data in events_of(alice)] == [id]


def test_what_is_rolled_back_does_not_ring() -> None:
    alice = make_user()
    with transaction.atomic():
        actions.ring(str(alice.pk), stored(alice))
        transaction.set_rollback(True)
    assert events_of(alice) == []


@pytest.mark.parametrize("id", ["ffffffffffff", "", "no-id", "\0", "x" * 500])
def test_what_is_not_stored_is_said_so(id: str) -> None:
    assert not actions.ring(str(make_user().pk), id)


@pytest.mark.parametrize("person", ["0", "nobody", "", "\0", "9" * 30])
def test_nobody_has_nothing(person: str) -> None:
    assert not actions.ring(person, "ffffffffffff")


def test_anothers_is_not_touched() -> None:
    alice, bruno = make_user(), make_user()
    id = stored(bruno)
    assert not actions.ring(str(alice.pk), id)
    assert events_of(bruno) == []
