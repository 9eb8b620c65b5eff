"""Mailboxes: the channels and groups of Channels in this process, readable and writable from any thread and loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

# What was lost because nobody read it in time, in this process since its start: by reason, `full` or `expired`.
dropped: Counter[str] = Counter()


class Full(Exception):
    """A channel holds as many messages as it may."""


class Mailboxes:
    """Queues of messages by channel, and the channels of each group; `clock` counts in seconds."""

    def __init__(self, expiry: float, group_expiry: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._expiry, self._group_expiry, self._clock = expiry, group_expiry, clock
        self._lock = threading.Lock()
        self._queues: dict[str, deque[tuple[float, bytes]]] = {}
        self._readers: dict[str, list[_Reader]] = {}
        self._groups: dict[str, dict[str, float]] = {}
        self._tidy_at = clock() + expiry

    def put(self, channel: str, message: bytes, capacity: int) -> None:
        """Keep a message until it is read or expires; raises Full."""
        with self._lock:
            self._tidy()
            self._drop_expired(channel)
            queue = self._queues.setdefault(channel, deque())
            if len(queue) >= capacity:
                dropped["full"] += 1
                raise Full(channel)
            queue.append((self._clock() + self._expiry, message))
            readers = list(self._readers.get(channel, ()))
        for reader in readers:
            reader.wake()

    async def get(self, channel: str) -> bytes:
        """The oldest message of a channel, once there is one; each is given to one reader."""
        while True:
            with self._lock:
                message = self._take(channel)
                if message is not None:
                    return message
                reader = _Reader()
                self._readers.setdefault(channel, []).append(reader)
            try:
                await reader.news
            finally:
                self._leave(channel, reader)

    def join(self, group: str, channel: str) -> None:
        """Give a channel what is sent to the group."""
        with self._lock:
            self._groups.setdefault(group, {})[channel] = self._clock()

    def leave(self, group: str, channel: str) -> None:
        """Give it no more."""
        with self._lock:
            self._remove(group, channel)

    def members(self, group: str) -> list[str]:
        """The channels of a group; those that joined too long ago are taken out."""
        with self._lock:
            self._expire_members(group)
            return list(self._groups.get(group, ()))

    def groups(self) -> list[str]:
        """The groups that have members here."""
        with self._lock:
            return list(self._groups)

    def clear(self) -> None:
        """Forget every message and every group; who waits goes on waiting."""
        with self._lock:
            self._queues.clear()
            self._groups.clear()

    def _tidy(self) -> None:
        """Drop what expired where nobody reads or writes any more: a consumer that died leaves its mailbox behind."""
        now = self._clock()
        if now < self._tidy_at:
            return
        self._tidy_at = now + self._expiry
        for channel in list(self._queues):
            self._drop_expired(channel)
        for group in list(self._groups):
            self._expire_members(group)

    def _expire_members(self, group: str) -> None:
        oldest = self._clock() - self._group_expiry
        for channel, since in list(self._groups.get(group, {}).items()):
            if since < oldest:
                self._remove(group, channel)

    def _take(self, channel: str) -> bytes | None:
        self._drop_expired(channel)
        queue = self._queues.get(channel)
        if not queue:
            return None
        message = queue.popleft()[1]
        if not queue:
            del self._queues[channel]
        return message

    def _drop_expired(self, channel: str) -> None:
        """A channel on which a message expired is read by nobody any more: it leaves its groups."""
        queue, now = self._queues.get(channel), self._clock()
        if not queue or queue[0][0] > now:
            return
        while queue and queue[0][0] <= now:
            queue.popleft()
            dropped["expired"] += 1
        if not queue:
            del self._queues[channel]
        for group in list(self._groups):
            self._remove(group, channel)

    def _remove(self, group: str, channel: str) -> None:
        members = self._groups.get(group, {})
        members.pop(channel, None)
        if not members:
            self._groups.pop(group, None)

    def _leave(self, channel: str, reader: _Reader) -> None:
        with self._lock:
            readers = self._readers.get(channel, [])
            if reader in readers:
                readers.remove(reader)
            if not readers:
                self._readers.pop(channel, None)


class _Reader:
    """Somebody who waits, on a loop of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.news: asyncio.Future[None] = self._loop.create_future()

    def wake(self) -> None:
        """Have them look again; a loop that is closed has nobody who waits."""
        with contextlib.suppress(RuntimeError):
            if _is_running(self._loop):
                self._tell()
            else:
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if not self.news.done():
            self.news.set_result(None)


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether this is the loop's own thread, where it need not be woken."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
