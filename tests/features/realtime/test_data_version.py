"""On SQLite a look hears of every commit, whose hint is lost: of another process, of other threads, of the thread that sweeps."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connections, transaction

from carillon.realtime import log
from carillon.realtime.data_version import DataVersion
from carillon.realtime.drafts import Draft
from carillon.realtime.hub import Hub
from carillon.realtime.threaded_log import ThreadedLog
from carillon.realtime.topic import Access, Topic
from tests.kernel.fakes import ManualBroker
from tests.kernel.fakes import connection as reader_of

pytestmark = pytest.mark.django_db(transaction=True)

TALK = Topic("conversation", "1")
_ELSEWHERE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=10)
with database:
    bumped = 'UPDATE {head} SET "offset" = "offset" + 1 WHERE topic = ? RETURNING "offset"'
    (offset,) = database.execute(bumped, [sys.argv[2]]).fetchone()
    database.execute(
        'INSERT INTO {event} (topic, "offset", type, data, at, revokes) VALUES (?, ?, ?, ?, ?, ?)',
        [sys.argv[2], offset, "fact", "{{}}", 0, ""],
    )
"""


class Follower:
    """A hub that hears no hint and would sweep by itself in an hour; it follows one topic, and reads in one thread."""

    def __init__(self) -> None:
        self.sweeper = ThreadPoolExecutor(1)
        self.hub = Hub(ThreadedLog(self.in_sweeper), ManualBroker(), sweep=(3600.0, 3600.0))
        self.reader: Any = reader_of("alice")

    async def in_sweeper(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.sweeper, partial(function, *arguments))

    async def begin(self) -> None:
        async def access() -> Access:
            return Access()

        subscription = await self.hub.attach(self.reader, TALK, None, access)
        assert subscription is not None
        await self.hub.replay(subscription)

    async def heard(self, count: int) -> None:
        async with asyncio.timeout(15):
            while len(self.reader.outbound.frames) < count:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _following() -> AsyncIterator[Follower]:
    follower, looks = Follower(), DataVersion(log.alias())
    watching = asyncio.create_task(looks.watch(follower.hub.sweep, 0.02))
    try:
        await follower.begin()
        yield follower
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await follower.hub.close()
        await follower.in_sweeper(connections.close_all)
        follower.sweeper.shutdown()
        looks.close()


def _append() -> None:
    with transaction.atomic():
        log.append([Draft(topic=TALK, type="fact", data=b"{}", at=0)])


def _append_and_close() -> None:
    _append()
    connections.close_all()


def _append_elsewhere() -> None:
    script = _ELSEWHERE.format(head=log.TopicHead._meta.db_table, event=log.StoredEvent._meta.db_table)
    path = str(connections["default"].settings_dict["NAME"])
    subprocess.run([sys.executable, "-c", script, path, str(TALK)], check=True, timeout=30)


async def test_a_commit_whose_hint_is_lost_is_heard_of_whoever_made_it() -> None:
    async with _following() as follower:
        await asyncio.to_thread(_append_and_close)
        await follower.heard(1)
        await asyncio.to_thread(_append_elsewhere)
        await follower.heard(2)
        await follower.in_sweeper(_append)
        await follower.heard(3)
        assert [frame["offset"] for frame in follower.reader.outbound.frames] == [1, 2, 3]


async def test_while_nobody_writes_there_is_nothing_to_sweep() -> None:
    looks = DataVersion(log.alias())
    try:
        # The first look cannot know.
        assert await looks.has_changed()
        assert [await looks.has_changed() for _ in range(3)] == [False] * 3
        await asyncio.to_thread(_append_and_close)
        assert [await looks.has_changed() for _ in range(3)] == [True, False, False]
    finally:
        looks.close()


async def test_a_sweep_that_fails_is_no_end_of_looking(caplog: pytest.LogCaptureFixture) -> None:
    looks, swept = DataVersion(log.alias()), asyncio.Event()
    calls = 0

    async def sweep() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("the database is away")
        swept.set()

    watching = asyncio.create_task(looks.watch(sweep, 0.02))
    try:
        async with asyncio.timeout(15):
            while not calls:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(_append_and_close)
            await swept.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        looks.close()
    assert "could not be read" in caplog.text
