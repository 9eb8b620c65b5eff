"""A fact to publish in tests, and threads that give their connections back and wait for each other's locks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from django.db import connection, connections

from carillon.realtime import hints, log
from carillon.realtime.event import Event, Fact
from carillon.realtime.topic import Topic

_T = TypeVar("_T")


class Happened(Fact, frozen=True):
    """Something with a number; not registered, so that no schema tells of it."""

    name: ClassVar[str] = "test.happened"

    n: int
    text: str = ""


def numbers(topic: Topic) -> list[int]:
    """The numbers that were published on a topic, in the order of the log."""
    return [int(event.data.split(b'"n":')[1].split(b",")[0]) for event in stored(topic)]


def stored(topic: Topic) -> list[Event]:
    """All events of a topic."""
    return log.read(topic, 0, 100_000).events


def in_threads(*works: Callable[[], _T]) -> list[_T]:
    """Run each in a thread of its own, and return what they return; the first exception is raised."""

    def run(work: Callable[[], _T]) -> _T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def await_a_waiter() -> None:
    """Return once somebody waits for what this connection has locked."""
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("nobody waits")


@contextmanager
def hinted() -> Iterator[list[Event]]:
    """The events whose hints are sent meanwhile."""
    heard: list[Event] = []
    before: list[Any] = list(hints._senders)
    hints.connect(heard.extend)
    try:
        yield heard
    finally:
        hints._senders[:] = before
