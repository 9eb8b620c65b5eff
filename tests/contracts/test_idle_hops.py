"""Stock consumers on our layer: the database thread is entered when there is something to close in it, and only then."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import channels.consumer
import channels.db
import pytest
from asgiref.sync import sync_to_async
from channels.consumer import AsyncConsumer
from channels.layers import InMemoryChannelLayer, channel_layers
from django.db import connection

from carillon.realtime import idle_hops
from carillon.realtime.channel_layer import CarillonChannelLayer
from tests.contracts.test_channel_layer import soon

pytestmark = pytest.mark.django_db(transaction=True)

LAYERS: dict[str, Callable[[], Any]] = {
    "ours": CarillonChannelLayer,
    "ours, every hop": lambda: CarillonChannelLayer(spare_idle_hops=False),
    "in memory": InMemoryChannelLayer,
}


class Worker(AsyncConsumer):
    """Runs what it is told in the database thread, as `database_sync_to_async` does without its cleaning up."""

    works: list[Callable[[], Any]]

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        await self.send({"type": "named", "channel": self.channel_name})

    async def work(self, message: dict[str, Any]) -> None:
        for each in self.works:
            await sync_to_async(each)()
        await self.send({"type": "done"})


class Running:
    """A consumer in a task, and how often the database thread was entered for it."""

    def __init__(self, layer: Any, hops: list[int]) -> None:
        self.layer, self.hops = layer, hops
        self.consumer, self.said = Worker(), asyncio.Queue[dict[str, Any]]()
        self.inbox = asyncio.Queue[dict[str, Any]]()
        self.task = asyncio.create_task(self.consumer({"type": "websocket"}, self.inbox.get, self.said.put))

    async def begin(self) -> None:
        await self.inbox.put({"type": "websocket.connect"})
        self.channel = (await soon(self.said.get()))["channel"]

    async def do(self, *works: Callable[[], Any]) -> int:
        """Have these run for one message; returns how often the thread was entered before it."""
        before = len(self.hops)
        self.consumer.works = list(works)
        await self.layer.send(self.channel, {"type": "work"})
        await soon(self.said.get())
        return len(self.hops) - before

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await sync_to_async(close)()


@pytest.fixture(params=list(LAYERS))
async def running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    layer, hops, close = LAYERS[request.param](), list[int](), channels.db.close_old_connections
    idle_hops.install()
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: (hops.append(threading.get_ident()), close()))
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    found = Running(layer, hops)
    await found.begin()
    yield found
    await found.end()


def close() -> None:
    """Closes the connection of the thread that calls it."""
    connection.close()


def open_for(seconds: float) -> Callable[[], None]:
    """Opens the thread's connection, to be closed after so many seconds, as CONN_MAX_AGE says."""

    def work() -> None:
        connection.ensure_connection()
        connection.close_at = time.monotonic() + seconds

    return work


def is_sparing(running: Running) -> bool:
    return getattr(running.layer, "spare_idle_hops", False)


async def test_without_a_connection_nothing_is_entered_after_the_first_message(running: Running) -> None:
    assert len(running.hops) == 1
    entered = [await running.do() for _ in range(5)]
    assert entered == [0 if is_sparing(running) else 1] * 5


async def test_an_old_connection_is_closed_before_the_next_message(running: Running) -> None:
    found: list[bool] = []
    await running.do(open_for(0))
    assert await running.do(lambda: found.append(connection.connection is None)) == 1
    assert found == [True]


async def test_a_young_connection_stays_and_costs_no_hop(running: Running) -> None:
    found: list[bool] = []
    await running.do(open_for(3600))
    entered = await running.do(lambda: found.append(connection.connection is not None))
    assert found == [True] and entered == (0 if is_sparing(running) else 1)


async def test_a_connection_that_becomes_old_is_closed_then(running: Running) -> None:
    found: list[bool] = []
    await running.do(open_for(3600))
    await running.do(open_for(-1))
    await running.do(lambda: found.append(connection.connection is None))
    await running.do(open_for(0))
    await running.do(lambda: found.append(connection.connection is None))
    assert found == [True, True]


async def test_an_error_is_looked_into_before_the_next_message(running: Running) -> None:
    found: list[bool] = []

    def fail() -> None:
        open_for(3600)()
        connection.errors_occurred = True

    await running.do(fail)
    assert await running.do(lambda: found.append(connection.errors_occurred)) == 1
    assert found == [False]


async def test_a_connection_whose_autocommit_was_left_off_is_closed(running: Running) -> None:
    found: list[bool] = []

    def leave_off() -> None:
        open_for(3600)()
        connection.set_autocommit(False)

    await running.do(leave_off)
    await running.do(lambda: found.append(connection.connection is None))
    assert found == [True]


async def test_a_health_check_is_due_again_for_each_message_that_queries(running: Running) -> None:
    found: list[bool] = []

    def query() -> None:
        open_for(3600)()
        connection.health_check_enabled = True
        found.append(connection.health_check_done)
        connection.health_check_done = True

    await running.do(close, query)
    for _ in range(2):
        await running.do(query)
    # The first opened it, which is a check.
    assert found == [True, False, False]


async def test_connections_of_other_threads_cost_no_hop(running: Running) -> None:
    is_open, may_end = threading.Event(), threading.Event()

    def elsewhere() -> None:
        open_for(0)()
        is_open.set()
        may_end.wait(10)
        connection.close()

    other = asyncio.create_task(asyncio.to_thread(elsewhere))
    await asyncio.to_thread(is_open.wait, 10)
    entered = await running.do()
    may_end.set()
    await other
    assert entered == (0 if is_sparing(running) else 1)


async def test_a_patch_of_the_hosts_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    async def of_the_host() -> None:
        """Whatever it does."""

    monkeypatch.setattr(channels.consumer, "aclose_old_connections", of_the_host)
    CarillonChannelLayer()
    assert channels.consumer.aclose_old_connections is of_the_host
