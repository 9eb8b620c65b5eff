"""Actions under contention: run again after a deadlock, told as busy when locks do not come, and no trace left in the host."""

from __future__ import annotations

import contextlib
import threading

import pytest
from django.db import OperationalError, connection, transaction

from carillon.errors import Unavailable
from carillon.realtime.outbox import action, outbox
from carillon.realtime.topic import Topic
from tests.contracts.facts import Happened, in_threads, numbers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TALK, PLAN = Topic("conversation", "1"), Topic("project", "2")


def test_an_action_that_meets_a_deadlock_is_run_again() -> None:
    meeting = threading.Barrier(2)
    runs: list[str] = []

    def meet() -> None:
        # On SQLite they never meet: there one writer waits until the other is done.
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=1)

    @action
    def write(first: Topic, second: Topic) -> None:
        runs.append(str(first))
        with outbox() as publish:
            publish(first, Happened(n=len(runs)))
            publish.flush()
            publish._published.clear()
            meet()
            publish(second, Happened(n=len(runs)))

    in_threads(lambda: write(TALK, PLAN), lambda: write(PLAN, TALK))
    assert (len(numbers(TALK)), len(numbers(PLAN))) == (2, 2)
    if connection.vendor == "postgresql":
        assert len(runs) == 3


def test_locks_that_do_not_come_are_told_as_busy() -> None:
    holds, is_told = threading.Event(), threading.Event()

    def hold() -> str:
        with outbox() as publish:
            publish(TALK, Happened(n=1))
            publish.flush()
            publish._published.clear()
            holds.set()
            assert is_told.wait(30)
        return "held"

    @action
    def write() -> None:
        with outbox() as publish:
            publish(TALK, Happened(n=2))

    def be_refused() -> str:
        assert holds.wait(30)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 200")
        try:
            with pytest.raises(Unavailable) as refused:
                write()
        finally:
            is_told.set()
        assert (refused.value.slug, refused.value.retry_after) == ("busy", 1)
        return "refused"

    assert in_threads(hold, be_refused) == ["held", "refused"]
    assert numbers(TALK) == [1]


def test_a_hosts_patience_with_locks_is_its_own() -> None:
    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout" if connection.vendor == "postgresql" else "PRAGMA busy_timeout")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '7s'" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 7000")
    before = patience()
    with outbox() as publish:
        publish(TALK, Happened(n=1))
    assert patience() == before
    with transaction.atomic():
        with outbox() as publish:
            publish(TALK, Happened(n=2))
        assert patience() == before
    assert patience() == before
    connection.close()


def test_inside_a_hosts_transaction_nothing_is_run_again() -> None:
    runs: list[int] = []

    @action
    def write() -> None:
        runs.append(1)
        raise OperationalError("deadlock") from _deadlock()

    with pytest.raises(OperationalError), transaction.atomic():
        write()
    assert len(runs) == 1
    with pytest.raises(Unavailable):
        write()
    assert len(runs) == 4


def _deadlock() -> Exception:
    cause = Exception("deadlock detected")
    cause.sqlstate = "40P01"  # type: ignore[attr-defined]
    return cause


def test_another_error_is_not_run_again() -> None:
    runs: list[int] = []

    @action
    def write() -> None:
        runs.append(1)
        raise OperationalError("no such table")

    with pytest.raises(OperationalError):
        write()
    assert len(runs) == 1
