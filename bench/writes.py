"""Acknowledged writes a second on one database: `python -m bench.writes <seconds> <slow>` prints the figures as JSON.

`slow` is how many seconds longer each commit takes. It is slept there, with everything held that a commit holds.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any, ClassVar

import django

django.setup()

import psycopg  # noqa: E402
import uvloop  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.test.utils import override_settings  # noqa: E402

from carillon.conversations import actions as talk  # noqa: E402
from carillon.conversations.models import Conversation  # noqa: E402
from carillon.notifications.actions.notifying import Order, notify_each, order_of  # noqa: E402
from carillon.realtime.event import Fact  # noqa: E402
from carillon.realtime.hot import Hot, hot  # noqa: E402
from carillon.realtime.outbox import Publish, Published, action, outbox  # noqa: E402
from carillon.realtime.relation import relation  # noqa: E402
from carillon.realtime.topic import Topic  # noqa: E402

MANY, THREADS = 64, 8
BODY = "It has 12 pages and can be downloaded for a week."
Ask = Callable[[int], object]
Item = Callable[[int], Any]
_numbers = count(time.time_ns())


class Noted(Fact, frozen=True):
    """What a note announces."""

    name: ClassVar[str] = "bench.noted"

    author: int
    body: str


@hot()
def write_notes(publish: Publish, notes: Sequence[tuple[Topic, int]]) -> list[Published]:
    """A message as it will be: one row and one event."""
    given, values = relation(connection, "given", ("bigint", "text"), [(author, BODY) for _, author in notes])
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO bench_note (author, body) SELECT column1, column2 FROM {given}", values)  # noqa: S608
    return [publish(topic, Noted(author=author, body=BODY)) for topic, author in notes]


@action
def ordinary(caller: int) -> None:
    """The same as most actions are written: through the ORM."""
    with outbox() as publish:
        Group.objects.create(name=f"{caller} {next(_numbers)}")
        publish(Topic("bench", str(caller)), Noted(author=caller, body=BODY))


def alone(caller: int) -> None:
    """The row of that without its event, as Django has it: what an ordinary action costs before anything is announced."""
    with transaction.atomic():
        Group.objects.create(name=f"{caller} {next(_numbers)}")


def rate(ask: Ask, callers: int, seconds: float) -> float:
    """Calls a second from so many threads, each waiting for its answers; `ask` gets the number of its caller."""

    def run(caller: int) -> int:
        done = 0
        while time.perf_counter() < deadline:
            ask(caller)
            done += 1
        connections.close_all()
        return done

    with ThreadPoolExecutor(callers) as pool:
        # Threads and their connections are there before it counts.
        deadline = 0.0
        list(pool.map(ask, range(callers)))
        started = time.perf_counter()
        deadline = started + seconds
        done = sum(pool.map(run, range(callers)))
        return done / (time.perf_counter() - started)


def rate_of_sockets(action: Hot[Any, Any], item: Item, seconds: float) -> float:
    """Calls a second from 64 coroutines, as sockets make them: they wait without threads, of which there are eight."""
    return uvloop.run(_rate_of_sockets(action, item, seconds))


async def _rate_of_sockets(action: Hot[Any, Any], item: Item, seconds: float) -> float:
    with ThreadPoolExecutor(THREADS) as pool:
        run_in_thread = _threads(pool)

        def ask(caller: int) -> Awaitable[bytes]:
            return action.ask(run_in_thread, item(caller), lambda _: b"{}")

        async def run(caller: int) -> int:
            done = 0
            while time.perf_counter() < deadline:
                await ask(caller)
                done += 1
            return done

        await asyncio.gather(*[ask(caller) for caller in range(MANY)])
        started = time.perf_counter()
        deadline = started + seconds
        done = sum(await asyncio.gather(*[run(caller) for caller in range(MANY)]))
        return done / (time.perf_counter() - started)


async def _told_together(item: Item, seconds: float) -> float:
    """Messages a second that 64 coroutines say at the same time, with all that follows, to the last notification."""
    with ThreadPoolExecutor(THREADS) as pool:
        run_in_thread = _threads(pool)
        started, said = time.perf_counter(), 0
        while time.perf_counter() < started + seconds:
            asked = [talk.send_messages.ask(run_in_thread, item(caller), lambda _: b"{}") for caller in range(MANY)]
            said += len(await asyncio.gather(*asked))
            await run_in_thread(follow_up)
        return said / (time.perf_counter() - started)


def _threads(pool: ThreadPoolExecutor) -> Callable[..., Awaitable[Any]]:
    """What carries out a function in a thread of these."""

    async def run(function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, partial(function, *arguments))

    return run


def bare(slow: float) -> Ask:
    """One short insert in a transaction of its own, by a driver that knows no Django; each caller has a connection."""
    opened: dict[int, Any] = {}
    open_one = _sqlite if connection.vendor == "sqlite" else _postgres

    def ask(caller: int) -> None:
        if caller not in opened:
            opened[caller] = open_one(slow)
        opened[caller](caller)

    return ask


def _sqlite(slow: float) -> Ask:
    raw = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=10, check_same_thread=False)
    raw.execute("PRAGMA synchronous=NORMAL")

    def insert(author: int) -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO bench_note (author, body) VALUES (?, ?)", (author, BODY))
        time.sleep(slow) if slow else None
        raw.execute("COMMIT")

    return insert


def _postgres(slow: float) -> Ask:
    raw = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def insert(author: int) -> None:
        time.sleep(slow) if slow else None
        raw.execute("INSERT INTO bench_note (author, body) VALUES (%s, %s)", (author, BODY), prepare=True)

    return insert


def prepare(slow: float) -> list[int]:
    """Make the tables, and people to notify; returns their keys. From then on commits of Django's are slow."""
    call_command("migrate", verbosity=0)
    key = "INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "BIGSERIAL PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_note")
        cursor.execute(f"CREATE TABLE bench_note (id {key}, author bigint, body text)")
    model = get_user_model()
    made = [model(username=f"bench{next(_numbers)}", password="!") for _ in range(MANY)]
    people = [user.pk for user in model._default_manager.bulk_create(made)]
    if slow:
        wrapper = type(connections["default"])
        commit = wrapper._commit

        def slowly(self: Any) -> Any:
            time.sleep(slow)
            return commit(self)

        wrapper._commit = slowly  # type: ignore[method-assign]
    return people


def figures(seconds: float, slow: float) -> list[tuple[str, str, float]]:
    """What is written, by whom, and how often a second."""
    people = prepare(slow)
    # As the server has it (server/asgi.py).
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()

    def note(caller: int, where: str = "") -> tuple[Topic, int]:
        return Topic("bench", where or str(caller)), caller

    def order(caller: int, where: str = "") -> Order:
        return order_of(people[0 if where else caller], title="Your report is ready", message=BODY)

    # What all is compared with is measured between all: machines that others share change their speed within a minute.
    samples: dict[int, list[float]] = {1: [], MANY: []}

    def compare(rows: list[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
        for callers, rates in samples.items():
            rates.append(rate(bare(slow), callers, seconds / 2))
        return rows

    found = compare([("the row alone, in Django's atomic()", f"{THREADS} threads", rate(alone, THREADS, seconds))])
    found += compare([("ordinary action: a row and an event", f"{THREADS} threads", rate(ordinary, THREADS, seconds))])
    # One person gets more than the brake would let through.
    with override_settings(CARILLON={"BRAKE_PER_MINUTE": 0}):
        found += compare(_of("hot action: a row and an event", write_notes, note, seconds))
        found += compare(_of("notify()", notify_each, order, seconds))
        pairs = partial(message, conversations(people, 2))
        found += compare(_of("message.send", talk.send_messages, pairs, seconds, follow_up))
        groups = conversations(people, 11)
        found += compare(
            _of("message.send to 10 others", talk.send_messages, partial(message, groups), seconds, follow_up)
        )
        found += [
            ("what 10 others are told of a message, said and told", "1", _said_and_told(groups, seconds)),
            (
                "message to 10 others, with everything they are told",
                f"{MANY} at once",
                uvloop.run(_told_together(partial(message, groups), seconds)),
            ),
        ]
    return [("bare transaction", str(callers), sum(rates) / len(rates)) for callers, rates in samples.items()] + found


def message(talks: Sequence[tuple[Any, int]], caller: int, where: str = "") -> talk.NewMessage:
    """Something that this caller says: in a conversation of their own, or all in the first one by its first member."""
    sender, conversation = talks[0 if where else caller]
    return talk.NewMessage(sender, conversation, BODY)


def conversations(people: Sequence[Any], members: int) -> list[tuple[Any, int]]:
    """A conversation for each of these people, with so many in it; nobody is told any more how they began."""
    found = []
    for place, sender in enumerate(people):
        others = [people[(place + step) % len(people)] for step in range(1, members)]
        found.append((sender, talk.open_conversation(sender, "group", others, title=f"{place}", check=False).pk))
    follow_up()
    return found


def follow_up() -> None:
    """Tell everybody of what waits."""
    while Conversation.objects.unfollowed().exists():
        talk.follow_up()


def _said_and_told(talks: Sequence[tuple[Any, int]], seconds: float) -> float:
    """Messages a second, each in another conversation, with all that follows for its members, to the last notification."""
    started, said = time.perf_counter(), 0
    while time.perf_counter() < started + seconds:
        for sender, conversation in talks:
            talk.send_message(sender, conversation, BODY)
            said += 1
        follow_up()
    return said / (time.perf_counter() - started)


def _of(
    name: str,
    action: Hot[Any, Any],
    item: Callable[..., Any],
    seconds: float,
    settle: Callable[[], object] = lambda: None,
) -> list[tuple[str, str, float]]:
    """Four ways of asking; between them `settle` does what waits, which is not counted here."""

    def ask(caller: int) -> None:
        action(item(caller))

    ways: list[tuple[str, Callable[[], float]]] = [
        ("1", lambda: rate(ask, 1, seconds)),
        (f"{MANY} threads", lambda: rate(ask, MANY, seconds)),
        (f"{MANY} sockets, each its own topic", lambda: rate_of_sockets(action, item, seconds)),
        (f"{MANY} sockets, one topic", lambda: rate_of_sockets(action, partial(item, where="hot"), seconds)),
    ]
    found = []
    for callers, measured in ways:
        found.append((name, callers, measured()))
        settle()
    return found


if __name__ == "__main__":
    json.dump(figures(float(sys.argv[1]), float(sys.argv[2])), sys.stdout)
