"""Background work of the kernel and of notifications: the clock is moved, and it happens by itself."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from carillon.jobs import registered_sweeps
from carillon.jobs.runners import embedded
from carillon.notifications import actions, notify
from carillon.notifications.models import Inbox, Notification
from carillon.realtime import jobs, log
from carillon.realtime.event import Fact, fact
from carillon.realtime.idempotency import run_once
from carillon.realtime.outbox import outbox
from carillon.realtime.topic import Topic, user_topic
from tests.support.covers import covers
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TOPIC = Topic("test", "jobs")


@fact("test.jobs_happened")
class Happened(Fact, frozen=True, kw_only=True):
    n: int


def publish(n: int, topic: Topic = TOPIC) -> None:
    with outbox() as say:
        say(topic, Happened(n=n))


def test_events_beyond_the_retention_go_and_the_floor_tells_it() -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=8)):
        for n in range(3):
            publish(n)
    publish(3)
    assert jobs.trim_log() == 1 and jobs.trim_log() == 0
    found = log.read(TOPIC, 0, 10)
    assert (found.head.offset, found.head.floor, [event.offset for event in found.events]) == (4, 3, [4])


def test_a_topic_keeps_its_newest_events_only(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "RETENTION_EVENTS": 5}
    for n in range(12):
        publish(n)
    assert jobs.trim_log() == 1
    assert log.head(TOPIC).floor == 7 and log.size() == 5


def test_old_answers_are_forgotten() -> None:
    def once() -> tuple[bytes, bool]:
        return run_once("1", "test", "key", {}, lambda: lambda: b"{}")

    assert once() == (b"{}", False) and once() == (b"{}", True)
    assert jobs.forget_old_answers() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        assert jobs.forget_old_answers() == 1
    assert once() == (b"{}", False)


def test_what_a_killed_process_left_staged_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carillon.realtime.outbox.move_staged", lambda topics: 0)
    with transaction.atomic():
        publish(1)
    monkeypatch.undo()
    assert log.head(TOPIC).offset == 0
    assert jobs.move_what_was_left() == 1 and jobs.move_what_was_left() == 0
    assert log.head(TOPIC).offset == 1


def has_happened(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true in time, looked at in a connection of this thread."""
    ended = threading.Event()
    for _ in range(int(seconds * 20)):
        if condition():
            return True
        ended.wait(0.05)
    return False


@covers("000-36")
def test_all_of_it_runs_by_itself() -> None:
    """With the embedded runner on: a row of a host, a fan-out, a snooze that ends, drift, and retention."""
    alice = make_user()
    snoozed = notify(alice, title="later").notifications[0].pk
    actions.snooze(alice.pk, [snoozed], timezone.now() + dt.timedelta(hours=1))
    with time_machine.travel(timezone.now() - dt.timedelta(days=8)):
        publish(1)
    names = {
        "realtime.staged",
        "realtime.retention",
        "realtime.idempotency",
        "notifications.pending",
        "notifications.fanout",
    }
    assert names | {"notifications.snoozed", "notifications.reconcile", "people.tickets"} <= set(registered_sweeps())
    crowd = make_users(25)
    fanout = notify(crowd, title="à tous").fanout_id
    Inbox.objects.filter(pk=alice.pk).update(unread=77, checked_at=timezone.now() - dt.timedelta(days=1))
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        embedded.start()
        try:
            Notification.objects.create(user=alice, title="behind our back")
            assert has_happened(lambda: Notification.objects.filter(user=alice, announced_at=None).count() == 0)
            assert has_happened(lambda: Notification.objects.filter(source=fanout).count() == 25)
            assert has_happened(lambda: not Notification.objects.filter(snoozed_until__isnull=False).exists())
            assert has_happened(lambda: Inbox.objects.get(pk=alice.pk).unread == 2), "drift is corrected"
            assert has_happened(lambda: log.head(TOPIC).floor == 1)
        finally:
            embedded.stop()
    types = [event.type for event in log.read(user_topic(alice.pk), 0, 100).events]
    assert "inbox.corrected" in types and types.count("notification.created") == 3
    assert cast(Any, connection).in_atomic_block is False
