"""A process of a host that notifies inside its own transactions: `python -m tests.e2e.host_process notify|settle '<json>'`."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import django
from django.conf import settings

# Here a runaway loop is what is wanted.
settings.CARILLON = {**settings.CARILLON, "BRAKE_PER_MINUTE": 0}
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import DatabaseError, transaction  # noqa: E402

from carillon.notifications import jobs  # noqa: E402
from carillon.notifications.actions import delivering, notify  # noqa: E402
from carillon.notifications.actions.settling import settle  # noqa: E402
from carillon.realtime.jobs import move_what_was_left  # noqa: E402


class ChangedItsMind(Exception):
    """The host rolls back."""


class Host:
    """Notifies overlapping people in any order until its time is over, and writes down what was acknowledged."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.chance = random.Random(job["name"])
        self.people = list(get_user_model().objects.order_by("pk").values_list("pk", flat=True)[: job["people"]])
        self.number = 0

    def run(self) -> None:
        end = time.monotonic() + self.job["seconds"]
        with open(self.job["file"], "a", buffering=1, encoding="utf-8") as written:
            while time.monotonic() < end:
                told: list[tuple[str, int]] = []
                try:
                    self.once(told)
                    written.write(json.dumps({"told": told}) + "\n")
                except ChangedItsMind:
                    written.write(json.dumps({"rolled_back": told}) + "\n")
                except DatabaseError as error:
                    written.write(json.dumps({"error": str(error)}) + "\n")

    def once(self, told: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            for _ in range(self.chance.randint(1, 3)):
                people = self.chance.sample(self.people, self.chance.randint(1, 4))
                try:
                    with transaction.atomic():
                        self.tell(people, told)
                        if self.chance.random() < 0.1:
                            raise ChangedItsMind
                except ChangedItsMind:
                    del told[-len(people) :]
                time.sleep(self.chance.uniform(0, 0.004))
            if self.chance.random() < 0.1:
                raise ChangedItsMind

    def tell(self, people: list[int], told: list[tuple[str, int]]) -> None:
        self.number += 1
        title = f"{self.job['name']}.{self.number}"
        notify(people, title=title)
        told += [(title, person) for person in people]


def die_before_the_flush(after: int) -> None:
    """Let this process be killed between its commit number `after` and what follows a commit."""
    commits = 0

    def settle_or_die(people: Sequence[Any]) -> None:
        nonlocal commits
        commits += 1
        if commits >= after:
            os.kill(os.getpid(), signal.SIGKILL)
        settle(people)

    vars(delivering)["settle"] = settle_or_die


def notify_for_a_while(job: dict[str, Any]) -> None:
    """Be a host; `die_after` is the commit after which this one is killed, 0 for never."""
    if job["die_after"]:
        die_before_the_flush(job["die_after"])
    Host(job).run()


def settle_what_is_left(job: dict[str, Any]) -> None:
    """Run the sweeps until they find nothing."""
    while jobs.announce_pending() or move_what_was_left():
        pass


if __name__ == "__main__":
    {"notify": notify_for_a_while, "settle": settle_what_is_left}[sys.argv[1]](json.loads(sys.argv[2]))
