"""notify() against bare rows on one database: `python -m bench.durable <seconds>` prints figures as JSON.

Bare rows are the same notifications inserted with `bulk_create`: no lock, no counter, no event, nobody told.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from carillon.errors import Unavailable  # noqa: E402
from carillon.notifications import actions  # noqa: E402
from carillon.notifications.models import Notification  # noqa: E402

PEOPLE, ROUNDS = 10_000, 3
TITLE, MESSAGE = "Your report is ready", "It has 12 pages and can be downloaded for a week."


def rows(people: list[int]) -> list[Notification]:
    """Notifications that look announced, so that no sweep would touch them."""
    now = timezone.now()
    return [Notification(user_id=pk, title=TITLE, message=MESSAGE, announced_at=now) for pk in people]


def one_notified(person: int) -> None:
    """The call that hosts make."""
    actions.notify(person, title=TITLE, message=MESSAGE)


def one_bare(person: int) -> None:
    """One row in one transaction."""
    Notification.objects.bulk_create(rows([person]))


def rate(work: Callable[[int], None], people: list[int], threads: int, seconds: float) -> tuple[float, int]:
    """Calls per second over so many threads, each for people of its own, and how many were refused as busy."""
    numbers, refused = count(), count()
    work(people[0])
    deadline = time.perf_counter() + seconds

    def run() -> int:
        done = 0
        while time.perf_counter() < deadline:
            try:
                work(people[next(numbers) % len(people)])
                done += 1
            except Unavailable:
                next(refused)
        connections.close_all()
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(future.result() for future in [pool.submit(run) for _ in range(threads)])
    return done / (time.perf_counter() - started), next(refused)


def crowd(people: list[int]) -> tuple[float, float]:
    """Seconds to notify so many people by a fan-out, and to insert as many bare rows: medians, each in turns."""
    notified, bare = zip(*[(timed(all_notified, people), timed(all_bare, people)) for _ in range(ROUNDS)], strict=True)
    return statistics.median(notified), statistics.median(bare)


def all_notified(people: list[int]) -> None:
    """The call that hosts make, and what follows it."""
    actions.notify(people, title=TITLE, message=MESSAGE)
    while actions.expand_fanouts():
        pass


def all_bare(people: list[int]) -> None:
    """As many rows."""
    Notification.objects.bulk_create(rows(people), batch_size=500)


def timed(work: Callable[[list[int]], None], people: list[int]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work(people)
    return time.perf_counter() - started


def statements(people: list[int]) -> int:
    """What the database is asked for a batch of these people, COMMIT not counted."""
    actions.notify(people, title=TITLE, message=MESSAGE)
    asked = count()

    def see(execute: Any, *arguments: Any) -> Any:
        next(asked)
        return execute(*arguments)

    with connections["default"].execute_wrapper(see):
        actions.expand_fanouts(len(people))
    return next(asked)


def measure(seconds: float) -> dict[str, Any]:
    """All figures of one database."""
    call_command("migrate", verbosity=0)
    model = get_user_model()
    made = model._default_manager.bulk_create(
        [model(username=f"bench{n}", password="!") for n in range(PEOPLE)], batch_size=1000
    )
    people = [user.pk for user in made]
    found: dict[str, Any] = {}
    for name, work in (("notify", one_notified), ("bare", one_bare)):
        for threads in (1, 64):
            found[f"{name}_{threads}"] = rate(work, people, threads, seconds)
    for size in (1_000, 10_000):
        found[f"crowd_{size}"] = crowd(people[:size])
    found["statements"] = [statements(people[:size]) for size in (50, 500)]
    return found


if __name__ == "__main__":
    json.dump(measure(float(sys.argv[1])), sys.stdout)
