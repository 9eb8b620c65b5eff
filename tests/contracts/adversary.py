"""Writers that do all they can to commit out of order, and a reader that polls; run as processes of their own.

`python -m tests.contracts.adversary write|read|write-naive|read-naive '<json>'`: what each did or saw is written to a file.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import DatabaseError, connection, connections, transaction  # noqa: E402

from carillon.errors import Unavailable  # noqa: E402
from carillon.realtime import log  # noqa: E402
from carillon.realtime.jobs import move_what_was_left  # noqa: E402
from carillon.realtime.outbox import action, outbox  # noqa: E402
from carillon.realtime.topic import Topic  # noqa: E402
from tests.contracts.facts import Happened  # noqa: E402

THREADS = 4
NAIVE = "naive_events"


class RolledBack(Exception):
    """This writer's own change of mind."""


class Writer:
    """One thread of a writing process: commits `count` times, in every way that there is."""

    def __init__(self, name: str, job: dict[str, Any]) -> None:
        self.name, self.job = name, job
        self.chance = random.Random(name)
        self.topics = [Topic("talk", str(number)) for number in range(job["topics"])]
        self.done: list[dict[str, Any]] = []
        self.number = 0

    def run(self) -> None:
        ways = [self.alone, self.alone, self.nested, self.hosted, self.hosted_nested]
        if self.job.get("is_naive"):
            ways = [self.naive]
        try:
            for _ in range(self.job["count"]):
                self.once(self.chance.choice(ways))
        finally:
            connections.close_all()

    def once(self, way: Any) -> None:
        """Carry out one transaction and note how it ended."""
        told: list[tuple[str, str]] = []
        try:
            way(told)
            self.note("committed", way, told)
        except RolledBack:
            self.note("rolled back", way, told)
        except Unavailable:
            self.note("busy", way, told)
        except DatabaseError as error:
            self.note("locked" if "locked" in str(error) else f"error: {error}", way, told)

    def note(self, how: str, way: Any, told: list[tuple[str, str]]) -> None:
        self.done.append({"how": how, "way": way.__name__, "told": told})

    def dawdle(self) -> None:
        if self.chance.random() < self.job["share_asleep"]:
            time.sleep(self.chance.uniform(0, 0.020))

    def maybe_give_up(self) -> None:
        if self.chance.random() < 0.1:
            raise RolledBack

    def fact(self, topic: Topic, told: list[tuple[str, str]]) -> Happened:
        self.number += 1
        name = f"{self.name}.{self.number}"
        told.append((str(topic), name))
        return Happened(n=self.number, text=name)

    def some_topics(self) -> list[Topic]:
        # In any order: whoever locks heads has to sort them.
        return self.chance.sample(self.topics, self.chance.randint(1, min(3, len(self.topics))))

    @property
    def alone(self) -> Any:
        @action
        def alone(told: list[tuple[str, str]]) -> None:
            del told[:]
            with outbox() as publish:
                for topic in self.some_topics():
                    publish(topic, self.fact(topic, told))
                self.dawdle()
                self.maybe_give_up()
                # The numbers are taken by then, and everybody else waits.
                publish.before_commit(self.dawdle)

        return alone

    @property
    def nested(self) -> Any:
        @action
        def nested(told: list[tuple[str, str]]) -> None:
            del told[:]
            with outbox() as publish:
                for topic in self.some_topics():
                    try:
                        with outbox() as inner:
                            inner(topic, self.fact(topic, told))
                            self.maybe_give_up()
                    except RolledBack:
                        told.pop()
                self.dawdle()
                publish.before_commit(self.dawdle)

        return nested

    def hosted(self, told: list[tuple[str, str]]) -> None:
        with transaction.atomic():
            for topic in self.some_topics():
                with outbox() as publish:
                    publish(topic, self.fact(topic, told))
                self.dawdle()
            self.maybe_give_up()

    def hosted_nested(self, told: list[tuple[str, str]]) -> None:
        with transaction.atomic():
            for topic in self.some_topics():
                try:
                    with transaction.atomic(), outbox() as publish:
                        publish(topic, self.fact(topic, told))
                        self.maybe_give_up()
                except RolledBack:
                    told.pop()
                self.dawdle()

    def naive(self, told: list[tuple[str, str]]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            self.number += 1
            told.append(("all", f"{self.name}.{self.number}"))
            cursor.execute(f"INSERT INTO {NAIVE} (text) VALUES (%s)", [told[-1][1]])
            self.dawdle()
            self.maybe_give_up()


def write(job: dict[str, Any]) -> None:
    """Run this process's writers, and put down what they did."""
    writers = [Writer(f"{job['name']}-{number}", job) for number in range(THREADS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Path(job["file"]).write_text(json.dumps([done for writer in writers for done in writer.done]))


def read(job: dict[str, Any]) -> None:
    """Poll the log by position until the writers are done; put down each event in the order in which it was seen."""
    topics = [Topic("talk", str(number)) for number in range(job["topics"])]
    seen: dict[str, list[tuple[int, str]]] = {str(topic): [] for topic in topics}
    is_last = False
    while True:
        found = 0
        for topic in topics:
            mine = seen[str(topic)]
            for event in log.read(topic, mine[-1][0] if mine else 0, 500).events:
                mine.append((event.offset, json.loads(event.data)["text"]))
                found += 1
        if is_last and not found and not log.staged_topics():
            break
        is_last = Path(job["until"]).exists()
        if is_last:
            move_what_was_left()
        time.sleep(0 if found else 0.002)
    Path(job["file"]).write_text(json.dumps(seen))


def read_naive(job: dict[str, Any]) -> None:
    """Poll a table by `id > last`, as one must not."""
    seen: list[tuple[int, str]] = []
    is_last = False
    while True:
        with connection.cursor() as cursor:
            last = seen[-1][0] if seen else 0
            cursor.execute(f"SELECT id, text FROM {NAIVE} WHERE id > %s ORDER BY id", [last])
            found = cursor.fetchall()
        seen += found
        if is_last and not found:
            break
        is_last = Path(job["until"]).exists()
        time.sleep(0 if found else 0.002)
    Path(job["file"]).write_text(json.dumps({"all": seen}))


if __name__ == "__main__":
    {"write": write, "read": read, "read-naive": read_naive}[sys.argv[1]](json.loads(sys.argv[2]))
