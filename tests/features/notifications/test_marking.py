"""What people do with their notifications, with the counters and the event of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from carillon.errors import Invalid, NotFound
from carillon.notifications import actions, notify
from carillon.notifications.models import Inbox, Notification, StagedChange
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def some(user: Any, count: int) -> list[str]:
    """The ids of new notifications, oldest first."""
    return [notify(user, title=f"n{n}").notifications[0].pk for n in range(count)]


@covers("001-04", "003-12")
def test_read_and_unread() -> None:
    alice = make_user()
    one, two = some(alice, 2)
    read = actions.mark_read(alice.pk, [one])
    assert (read.inbox.unread, read.inbox.unseen) == (1, 1), "what is read has been seen"
    assert actions.mark_read(alice.pk, [one]).position is None, "again it changes nothing"
    assert len(events_of(alice)) == 3
    unread = actions.mark_unread(alice.pk, [one, two])
    assert unread.inbox.unread == 2 and unread.inbox.version == read.inbox.version + 1
    assert [state["id"] for state in events_of(alice)[-1][1]["notifications"]] == [one], "only what changed is told"
    assert counters(alice) == recount(alice)


def test_opening_marks_seen_and_not_read() -> None:
    alice = make_user()
    some(alice, 3)
    assert actions.mark_seen(alice.pk, 2).inbox.unseen == 1
    assert counters(alice) == recount(alice) == (3, 1)
    assert events_of(alice)[-1][1]["up_to"] == 2


def test_all_read_is_one_event_with_a_bound_and_can_be_undone() -> None:
    alice = make_user()
    first, *_ = some(alice, 4)
    actions.mark_read(alice.pk, [first])
    done = actions.mark_all_read(alice.pk)
    assert events_of(alice)[-1][0] == "notification.all_read" and counters(alice) == (0, 0)
    late = some(alice, 1)[0]
    assert done.stamp is not None
    undone = actions.restore_unread(alice.pk, done.stamp)
    assert undone.inbox.unread == 4
    assert not Notification.objects.get(pk=late).is_read and Notification.objects.get(pk=first).is_read
    assert counters(alice) == recount(alice)


def test_all_read_with_a_bound_leaves_what_came_meanwhile() -> None:
    alice = make_user()
    some(alice, 3)
    assert actions.mark_all_read(alice.pk, 2).inbox.unread == 1
    assert actions.mark_all_read(alice.pk, 10**9).inbox.unread == 0, "a bound beyond the end is the end"


def test_archive_takes_out_of_the_inbox_and_back() -> None:
    alice = make_user()
    one, _ = some(alice, 2)
    assert actions.archive(alice.pk, [one]).inbox.unread == 1
    assert actions.unarchive(alice.pk, [one]).inbox.unread == 1, "it comes back read"
    assert counters(alice) == recount(alice)


def test_snoozed_ones_come_back_on_top_and_ring() -> None:
    alice = make_user()
    one, _ = some(alice, 2)
    until = timezone.now() + dt.timedelta(hours=2)
    assert actions.snooze(alice.pk, [one], until).inbox.unread == 1
    assert actions.wake_snoozed() == 0
    with time_machine.travel(until + dt.timedelta(seconds=1)):
        assert actions.wake_snoozed() == 1
    name, data = events_of(alice)[-1]
    assert (name, data["notification"]["number"], data["notification"]["is_read"]) == ("notification.created", 3, False)
    assert counters(alice) == recount(alice) == (2, 2)


def test_unsnooze_brings_back_at_once() -> None:
    alice = make_user()
    one = some(alice, 1)[0]
    actions.snooze(alice.pk, [one], timezone.now() + dt.timedelta(hours=2))
    assert actions.unsnooze(alice.pk, [one]).inbox.unread == 1


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_snoozing_needs_a_time_within_a_year(hours: int) -> None:
    alice = make_user()
    with pytest.raises(Invalid):
        actions.snooze(alice.pk, some(alice, 1), timezone.now() + dt.timedelta(hours=hours))
    with pytest.raises(Invalid):
        actions.snooze(alice.pk, some(alice, 1), dt.datetime(2030, 1, 1))


def test_delete_and_clear_read() -> None:
    alice = make_user()
    one, two, three = some(alice, 3)
    assert actions.delete(alice.pk, [one]).inbox.unread == 2
    actions.mark_read(alice.pk, [two])
    actions.clear_read(alice.pk)
    assert list(Notification.objects.values_list("pk", flat=True)) == [three]
    assert [name for name, _ in events_of(alice)[-3:]] == [
        "notification.deleted",
        "notification.updated",
        "notification.read_cleared",
    ]
    assert counters(alice) == recount(alice) == (1, 1)


def test_an_edit_is_announced_whole() -> None:
    alice = make_user()
    one = some(alice, 1)[0]
    actions.edit(alice.pk, one, title="corrected", url="/there")
    assert events_of(alice)[-1][1]["notifications"][0]["title"] == "corrected"
    with pytest.raises(Exception, match="A path starting with"):
        actions.edit(alice.pk, one, url="javascript:x")


ON_IDS: list[Callable[[Any, list[str]], Any]] = [
    actions.mark_read,
    actions.mark_unread,
    actions.archive,
    actions.unarchive,
    actions.unsnooze,
    actions.delete,
]


@pytest.mark.parametrize("act", ON_IDS)
def test_foreign_and_missing_are_the_same(act: Callable[[Any, list[str]], Any]) -> None:
    alice, bruno = make_user(), make_user()
    foreign = some(bruno, 1)
    errors = []
    for ids in (foreign, ["0" * 12]):
        with pytest.raises(NotFound) as caught:
            act(alice.pk, ids)
        errors.append((caught.value.slug, caught.value.message))
    assert errors[0] == errors[1]
    assert counters(bruno) == recount(bruno) == (1, 1)


@pytest.mark.parametrize("act", ON_IDS[:4] + ON_IDS[5:])
def test_inside_a_hosts_transaction_everything_is_counted_and_told_after_its_commit(
    act: Callable[[Any, list[str]], Any],
) -> None:
    alice = make_user()
    ids = some(alice, 3)
    actions.mark_read(alice.pk, ids[:1])
    before = len(events_of(alice))
    with transaction.atomic():
        outcome = act(alice.pk, ids[:2])
        assert outcome.position is None
        assert len(events_of(alice)) == before
    assert counters(alice) == recount(alice)
    assert not StagedChange.objects.exists()


def test_ranges_inside_a_hosts_transaction() -> None:
    alice = make_user()
    some(alice, 3)
    with transaction.atomic():
        actions.mark_seen(alice.pk, 2)
        stamp = actions.mark_all_read(alice.pk).stamp
    assert counters(alice) == recount(alice) == (0, 0)
    with transaction.atomic():
        actions.restore_unread(alice.pk, stamp or "")
    assert counters(alice) == recount(alice) == (3, 0)
    with transaction.atomic():
        actions.mark_all_read(alice.pk)
        actions.clear_read(alice.pk)
    assert counters(alice) == recount(alice) == (0, 0)
    assert not Notification.objects.exists()


def test_drift_is_corrected_reported_and_told(caplog: pytest.LogCaptureFixture) -> None:
    alice = make_user()
    some(alice, 3)
    Notification.objects.filter(user=alice, number=2).update(is_read=True)
    long_ago = timezone.now() - dt.timedelta(days=1)
    Inbox.objects.update(checked_at=long_ago)
    assert actions.reconcile() == 1
    assert counters(alice) == recount(alice) == (2, 3)
    assert events_of(alice)[-1] == (
        "inbox.corrected",
        {"inbox": {"unread": 2, "unseen": 3, "version": 4, "last_number": 3}},
    )
    assert "had drifted" in caplog.text
    assert actions.reconcile() == 0, "it was checked just now"
