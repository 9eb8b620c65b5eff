"""What a sign-in is checked against is the same, read from columns or from an instance of the user model."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from carillon.people import queries, stamps
from carillon.people.models import Profile
from carillon.people.standing import standing_of, standings
from carillon.realtime import log
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def everybody() -> list[Any]:
    plain, named, mail = (
        make_user("plain"),
        make_user("named", first_name="Ada", last_name="N"),
        make_user("a@b.example"),
    )
    full, disabled = make_user("full"), make_user("disabled")
    now = timezone.now()
    Profile.objects.update_or_create(
        user=full,
        defaults={
            "display_name": "Full",
            "role": "host",
            "avatar_url": "/a.png",
            "signed_out_at": now - dt.timedelta(days=1),
            "stamp": "kept",
            "stamp_of": stamps.password_digest(full),
        },
    )
    Profile.objects.update_or_create(user=named, defaults={"stamp": "kept", "stamp_of": "of another password"})
    get_user_model().objects.filter(pk=disabled.pk).update(is_active=False)
    return list(queries.users([each.pk for each in (plain, named, mail, full, disabled)]))


@pytest.mark.both_databases
def test_columns_say_what_an_instance_says(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = everybody()
    with django_assert_num_queries(1):
        found = standings([*(user.pk for user in people), "no key", 2**40], "pk", log.alias())
    assert found == {str(user.pk): standing_of(user) for user in people}
    assert [each.is_active for each in found.values()].count(False) == 1


def test_tokens_may_know_people_by_another_field() -> None:
    user = make_user("alice")
    (found,) = standings([user.pk], "username", log.alias()).values()
    assert (found.person, found.named) == (str(user.pk), "alice")
    assert found == standing_of(user, "username")


def test_a_host_that_shows_people_its_own_way_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("alice")
    monkeypatch.setattr(get_user_model(), "get_full_name", lambda self: f"Dr {self.username}")
    assert standings([user.pk], "pk", log.alias())[str(user.pk)].face.name == "Dr alice"
