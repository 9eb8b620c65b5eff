"""On SQLite: hears of everybody's commits by `PRAGMA data_version`, which costs microseconds, and sweeps when there was one.

The figure changes for the commits of every other connection and not for one's own. So the connection that looks belongs
to a thread that does nothing else: whatever this process writes, in whichever thread, is somebody else's to it.
https://www.sqlite.org/pragma.html#pragma_data_version
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

# A sweep may take this part of the time at most, however often somebody writes.
_MOST_OF_THE_TIME = 0.05


class DataVersion:
    """Whether anybody has committed to a SQLite database since the last look."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="carillon-look")
        self._seen: int | None = None

    async def has_changed(self) -> bool:
        """Look; the first look says yes, and a database that does not answer no: the sweep will meet it."""
        found = await asyncio.get_running_loop().run_in_executor(self._thread, self._look)
        before, self._seen = self._seen, found if found is not None else self._seen
        return found is not None and found != before

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)

    async def watch(self, sweep: Callable[[], Awaitable[None]], every: float) -> None:
        """Sweep soon after each commit: look every so many seconds, for ever."""
        pause = every
        while True:
            await asyncio.sleep(pause)
            begun = time.monotonic()
            try:
                if await self.has_changed():
                    await sweep()
            except Exception:
                logger.exception("the heads of followed topics could not be read")
            pause = max(every, (time.monotonic() - begun) / _MOST_OF_THE_TIME)

    def _look(self) -> int | None:
        try:
            with connections[self._alias].cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                return int(cursor.fetchone()[0])
        except DatabaseError:
            connections[self._alias].close()
            return None
