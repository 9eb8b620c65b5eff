"""Batches: what is asked at the same time is answered by one call, first come first served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from carillon.errors import Unavailable

_T = TypeVar("_T")
_R = TypeVar("_R")
_Batch = list[tuple[_T, asyncio.Future[_R]]]

ANSWERED_EACH_TICK = 4
# While so many sockets ask, a call waits so many seconds at most for one of another kind to end: a trip to a thread and a few
# statements cost as much for one socket as for thirty, and two threads that compute take the processor from each other.
CROWD, PATIENCE = 8, 0.1


class Calls:
    """Calls of several Batches: those of a crowd go one after the other, so that more of it come along with each."""

    def __init__(self, *, crowd: int = CROWD, patience: float = PATIENCE) -> None:
        self._crowd, self._patience = crowd, patience
        # Those who wait for answers.
        self.asking = 0
        self._turn = asyncio.Lock()

    @property
    def is_crowded(self) -> bool:
        """Whether many wait for answers."""
        return self.asking >= self._crowd

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the call before, but not for a slow one, and not where few ask."""
        is_mine = await self._take()
        try:
            yield
        finally:
            if is_mine:
                self._turn.release()

    async def _take(self) -> bool:
        if self._turn.locked() and not self.is_crowded:
            return False
        try:
            async with asyncio.timeout(self._patience):
                return await self._turn.acquire()
        except TimeoutError:
            return False


class Batches(Generic[_T, _R]):
    """Hands what is asked at the same time to one call of `work`, in the order of asking.

    `work` gets at most `size` items and returns an answer, or an exception to raise, for each of them; at most `at_once`
    calls run. While more than `most_waiting` wait, who asks gets Unavailable `busy`, with a time to come back.
    Of those that share `calls` a crowd has one after the other.
    """

    def __init__(
        self,
        work: Callable[[list[_T]], Awaitable[Sequence[_R | Exception]]],
        *,
        size: int = 16,
        at_once: int = 2,
        most_waiting: int = 0,
        calls: Calls | None = None,
    ) -> None:
        self._work, self._size, self._at_once, self._most = work, size, at_once, most_waiting
        self._calls = calls or Calls()
        self._queue: deque[tuple[_T, asyncio.Future[_R]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether waiting is hopeless."""
        return 0 < self._most <= len(self._queue)

    async def ask(self, item: _T) -> _R:
        """The answer to this item; raises what `work` returned or raised, or Unavailable `busy`."""
        if self.is_full:
            raise Unavailable("busy", "Too many come at once; try again.", retry_after=5)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_R] = loop.create_future()
        self._queue.append((item, future))
        # Another call beside one in work is worth it for some, not for everybody who comes alone.
        if not self._tasks or (len(self._tasks) < self._at_once and len(self._queue) > self._size // 4):
            self._tasks.add(loop.create_task(self._serve()))
        self._calls.asking += 1
        try:
            return await future
        finally:
            self._calls.asking -= 1

    async def close(self) -> None:
        """Serve nobody any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        while self._queue:
            self._queue.popleft()[1].cancel()

    async def _serve(self) -> None:
        # Those who come in the same tick come along.
        await asyncio.sleep(0)
        while self._queue:
            async with self._calls.turn():
                await self._gather()
                batch = self._take()
                answers = await self._answers(batch) if batch else []
            await _tell(batch, answers)
        # Whoever asks from now on begins another.
        self._tasks.discard(asyncio.current_task())

    async def _gather(self) -> None:
        """Let those come along who follow in the next ticks, where a crowd comes."""
        waiting = 0
        while self._calls.is_crowded and waiting < len(self._queue) < self._size:
            waiting = len(self._queue)
            await asyncio.sleep(0)

    async def _answers(self, batch: _Batch[_T, _R]) -> Sequence[_R | Exception]:
        try:
            return await self._work([item for item, _ in batch])
        except Exception as error:
            return [error] * len(batch)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise

    def _take(self) -> _Batch[_T, _R]:
        """The next items of those who still wait."""
        batch: _Batch[_T, _R] = []
        while self._queue and len(batch) < self._size:
            item, future = self._queue.popleft()
            if not future.done():
                batch.append((item, future))
        return batch


async def _tell(batch: _Batch[_T, _R], answers: Sequence[_R | Exception]) -> None:
    for number, ((_, future), answer) in enumerate(zip(batch, answers, strict=True), start=1):
        _settle(future, answer)
        if number % ANSWERED_EACH_TICK == 0:
            # What each of them does next is work of the loop, which others wait for.
            await asyncio.sleep(0)


def _settle(future: asyncio.Future[_R], answer: _R | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
