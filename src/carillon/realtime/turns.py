"""Turns: the writers of this process queue for SQLite's one lock, first come, first served.

SQLite itself has no queue: who finds it locked sleeps, up to 100 ms at a time, and others overtake (decision 0017).
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

# Whoever waits longer asks SQLite itself, which waits for its own timeout: a turn orders, and refuses nobody.
PATIENCE = 5.0


class Queue:
    """A lock that is handed over in the order of asking, so that a thread which writes all the time overtakes nobody."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin with nobody: a forked process has only the thread that forked it."""
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def take(self, seconds: float) -> bool:
        """Wait for a turn; says whether it came."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True

    def end(self) -> None:
        """Hand the turn to the next in the queue."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_queue = Queue()
os.register_at_fork(after_in_child=_queue.forget)


@contextmanager
def turn(connection: BaseDatabaseWrapper) -> Iterator[Turn]:
    """A turn to write to SQLite; on other databases everybody may write at once."""
    mine = Turn(connection.vendor == "sqlite" and _queue.take(PATIENCE))
    try:
        yield mine
    finally:
        mine.end()


class Turn:
    """A turn that was taken, or none."""

    def __init__(self, is_mine: bool) -> None:
        self._is_mine = is_mine

    def end_at_commit(self, connection: BaseDatabaseWrapper) -> None:
        """Call it first in a transaction: what hosts run on commit would keep the others waiting."""
        if self._is_mine:
            connection.on_commit(self.end)

    def end(self) -> None:
        """Let the next one write; again does nothing."""
        if self._is_mine:
            self._is_mine = False
            _queue.end()
