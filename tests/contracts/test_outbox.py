"""outbox(): rows and events together or not at all; alone, nested, and inside a host's transaction."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import IsolationLevel

from carillon.realtime import hints, log
from carillon.realtime import outbox as module
from carillon.realtime.event import Event, Position
from carillon.realtime.jobs import move_what_was_left
from carillon.realtime.models import StagedEvent
from carillon.realtime.outbox import broadcast, in_host_transaction, move_staged, outbox
from carillon.realtime.topic import Topic
from tests.contracts.facts import Happened, hinted, in_threads, numbers, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TALK, PLAN = Topic("conversation", "1"), Topic("project", "2")


class Oops(Exception):
    """Raised by tests to roll back."""


# A transaction of our own.


def test_a_position_is_known_after_the_block() -> None:
    with outbox() as publish:
        first, second = publish(TALK, Happened(n=1)), publish(TALK, Happened(n=2))
        other = publish(PLAN, Happened(n=3))
        before = first.position
        assert not publish.is_hosted
    assert before is None
    epoch = log.head(TALK).epoch
    assert [first.position, second.position] == [Position(epoch, 1), Position(epoch, 2)]
    assert other.position == Position(epoch, 1)
    assert (numbers(TALK), numbers(PLAN)) == ([1, 2], [3])


def test_rows_and_events_go_together() -> None:
    with pytest.raises(Oops), outbox() as publish:
        Group.objects.create(name="rolled back")
        publish(TALK, Happened(n=1))
        raise Oops
    assert not Group.objects.exists()
    assert numbers(TALK) == []
    with outbox() as publish:
        Group.objects.create(name="kept")
        publish(TALK, Happened(n=2))
    assert Group.objects.get().name == "kept"
    assert numbers(TALK) == [2]


def test_a_row_and_an_event_take_few_statements() -> None:
    with CaptureQueriesContext(connection) as asked, outbox() as publish:
        Group.objects.create(name="a row")
        publish(TALK, Happened(n=1))
    appended = ["WITH"] if connection.vendor == "postgresql" else ["INSERT", "SELECT", "INSERT"]
    assert [each["sql"].split()[0] for each in asked.captured_queries] == ["BEGIN", "INSERT", *appended, "COMMIT"]


def test_a_host_may_say_how_transactions_begin() -> None:
    is_postgresql = connection.vendor == "postgresql"
    connection.ensure_connection()
    raw = connection.connection
    if is_postgresql:
        raw.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with outbox() as publish, connection.cursor() as cursor:
            publish(TALK, Happened(n=1))
            if is_postgresql:
                cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('lock_timeout')")
                assert cursor.fetchone() == ("repeatable read", "2s")
    finally:
        if is_postgresql:
            # It goes back to a pool.
            raw.isolation_level = None
    assert numbers(TALK) == [1]


def test_a_nested_block_is_a_savepoint() -> None:
    with outbox() as publish:
        publish(TALK, Happened(n=1))
        with pytest.raises(Oops), outbox() as inner:
            inner(TALK, Happened(n=2))
            Group.objects.create(name="inner")
            raise Oops
        with outbox() as inner:
            kept = inner(TALK, Happened(n=3))
    assert numbers(TALK) == [1, 3]
    assert kept.position == log.head(TALK).position
    assert not Group.objects.exists()


def test_an_event_goes_with_any_savepoint_around_it() -> None:
    with outbox() as publish:
        publish(TALK, Happened(n=1))
        with pytest.raises(Oops), transaction.atomic():
            publish(TALK, Happened(n=2))
            with outbox() as inner:
                inner(TALK, Happened(n=3))
            raise Oops
        publish(TALK, Happened(n=4))
    assert numbers(TALK) == [1, 4]


def test_work_before_commit_knows_positions_and_goes_with_the_transaction() -> None:
    seen: list[Position | None] = []
    with outbox() as publish:
        published = publish(TALK, Happened(n=1))
        publish.before_commit(lambda: seen.append(published.position))
        publish.before_commit(lambda: Group(name="with it").save())
    assert seen == [published.position] != [None]
    assert Group.objects.exists()

    def fail() -> None:
        raise Oops

    with pytest.raises(Oops), outbox() as publish:
        publish(TALK, Happened(n=2))
        publish.before_commit(fail)
    assert numbers(TALK) == [1]


def test_work_after_commit_undoes_nothing() -> None:
    done: list[bool] = []

    def fail() -> None:
        done.append(connection.in_atomic_block)
        raise Oops

    with outbox() as publish:
        publish(TALK, Happened(n=1))
        publish.after_commit(fail)
        assert done == []
    assert done == [False]
    assert numbers(TALK) == [1]


def test_hints_are_sent_after_the_commit_with_what_was_logged() -> None:
    with hinted() as heard:
        with outbox() as publish:
            publish(TALK, Happened(n=1), revokes=["7"])
            assert heard == []
        with pytest.raises(Oops), outbox() as publish:
            publish(TALK, Happened(n=2))
            raise Oops
    assert heard == stored(TALK)
    assert heard[0].revokes == ("7",)


def test_a_hint_that_fails_fails_no_write() -> None:
    def broken(_: object) -> None:
        raise Oops

    with hinted():
        hints.connect(broken)
        with outbox() as publish:
            publish(TALK, Happened(n=1))
    assert numbers(TALK) == [1]


# Inside a host's transaction.


def test_in_a_hosts_transaction_events_are_staged_and_moved_after_it() -> None:
    with hinted() as heard:
        with transaction.atomic():
            assert in_host_transaction()
            with outbox() as publish:
                first = publish(TALK, Happened(n=1))
                assert publish.is_hosted
            with outbox() as publish:
                publish(PLAN, Happened(n=2))
                publish(TALK, Happened(n=3))
            assert StagedEvent.objects.count() == 3
            assert log.head(TALK).offset == 0
            assert heard == []
        assert not in_host_transaction()
    assert first.position is None
    assert (numbers(TALK), numbers(PLAN)) == ([1, 3], [2])
    assert [event.offset for event in heard] == [1, 2, 1]
    assert StagedEvent.objects.count() == 0


def test_what_the_host_rolls_back_never_was() -> None:
    with pytest.raises(Oops), transaction.atomic():
        with outbox() as publish:
            publish(TALK, Happened(n=1))
        raise Oops
    with transaction.atomic():
        with pytest.raises(Oops), transaction.atomic(), outbox() as publish:
            publish(TALK, Happened(n=2))
            raise Oops
        with outbox() as publish:
            publish(TALK, Happened(n=3))
            with pytest.raises(Oops), outbox() as inner:
                inner(TALK, Happened(n=4))
                raise Oops
    assert numbers(TALK) == [3]
    assert StagedEvent.objects.count() == 0


def test_the_first_event_may_be_rolled_back_and_the_rest_moves() -> None:
    with transaction.atomic(), outbox() as publish:
        with pytest.raises(Oops), transaction.atomic():
            publish(TALK, Happened(n=1))
            raise Oops
        publish(TALK, Happened(n=2))
    assert numbers(TALK) == [2]


def test_what_a_killed_process_left_staged_comes_before_later_events(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(module, "move_staged", lambda topics: 0)
        with transaction.atomic(), outbox() as publish:
            publish(TALK, Happened(n=1))
            publish(PLAN, Happened(n=2))
    assert numbers(TALK) == []
    with hinted() as heard, outbox() as publish:
        own = publish(TALK, Happened(n=3))
    assert numbers(TALK) == [1, 3]
    assert own.position is not None and own.position.offset == 2
    # Whoever moves them tells of them.
    assert [event.offset for event in heard] == [1, 2]
    assert move_what_was_left() == 1
    assert (numbers(PLAN), move_what_was_left()) == ([2], 0)


def test_the_order_of_one_hosts_events_is_kept() -> None:
    with transaction.atomic():
        for n in range(50):
            with outbox() as publish:
                publish(TALK, Happened(n=n))
    assert numbers(TALK) == list(range(50))


def test_a_move_that_fails_is_left_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[Event]:
        raise OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(log, "append", fail)
        with transaction.atomic(), outbox() as publish:
            Group.objects.create(name="the host's")
            publish(TALK, Happened(n=1))
    assert Group.objects.exists()
    assert numbers(TALK) == []
    assert move_what_was_left() == 1
    assert numbers(TALK) == [1]


def test_two_may_move_the_same_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(module, "move_staged", lambda topics: 0)
        with transaction.atomic(), outbox() as publish:
            for n in range(40):
                publish(TALK if n % 2 else PLAN, Happened(n=n))
    moved = in_threads(*[lambda: move_staged([PLAN, TALK])] * 4)
    assert sorted(moved) == [0, 0, 0, 40]
    assert (numbers(PLAN), numbers(TALK)) == (list(range(0, 40, 2)), list(range(1, 40, 2)))


def test_without_autocommit_everything_is_the_hosts() -> None:
    transaction.set_autocommit(False)
    try:
        with outbox() as publish:
            assert publish.is_hosted
            publish(TALK, Happened(n=1))
        assert log.head(TALK).offset == 0
        transaction.commit()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    move_what_was_left()
    assert numbers(TALK) == [1]


# Ephemeral events.


def test_a_broadcast_is_sent_after_the_commit_and_stored_nowhere() -> None:
    with hinted() as heard:
        with transaction.atomic():
            broadcast(TALK, Happened(n=1), except_person="7")
            assert heard == []
        with pytest.raises(Oops), transaction.atomic():
            broadcast(TALK, Happened(n=2))
            raise Oops
        broadcast(TALK, Happened(n=3))
    assert [(event.offset, event.except_person) for event in heard] == [(0, "7"), (0, None)]
    assert log.size() == 0
