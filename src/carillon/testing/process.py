"""What stands for a server's process while sockets of a test are open: hub and broker in the test's own thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.test import override_settings

from carillon.jobs.sweeps import close_connections
from carillon.realtime import runtime

_P = ParamSpec("_P")
_R = TypeVar("_R")

# The process of a test needs no Redis and starts no threads.
_QUIET = {"RUNNER": "none", "BROKER": "carillon.realtime.brokers.memory.MemoryBroker", "REDIS_URL": ""}


class _InlineRuntime(runtime.Runtime):
    """Does database work where the test's own is done, so that it sees what a TestCase never commits."""

    async def call(self, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await sync_to_async(function, thread_sensitive=True)(*args, **kwargs)


class Process:
    """What stands for the process of a server while sockets are open: the first brings it, the last takes it away."""

    def __init__(self) -> None:
        self._sockets = 0
        self._quiet = override_settings()

    async def enter(self) -> None:
        """Count a socket."""
        self._sockets += 1
        if self._sockets == 1:
            await runtime.reset()
            self._quiet = override_settings(CARILLON={**getattr(django_settings, "CARILLON", {}), **_QUIET})
            self._quiet.enable()
            runtime.use(_InlineRuntime())

    async def leave(self) -> None:
        """Count a socket less."""
        self._sockets -= 1
        if self._sockets == 0:
            process = runtime.current()
            await runtime.reset()
            await process.call(close_connections)
            self._quiet.disable()


PROCESS = Process()


async def look() -> None:
    """Have every committed event delivered, and everything written."""
    process = runtime.current()
    await process.hub.sweep()
    for feed in list(process.hub.feeds.values()):
        if feed.filling is not None:
            await asyncio.wait({feed.filling})
    for connection in list(process.connections):
        await connection.outbound.drained()
