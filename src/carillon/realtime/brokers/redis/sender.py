"""Sender: publishes from any thread of any process, with or without an event loop, and makes nobody wait."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from carillon.realtime.brokers.redis.home import find_home, patient

logger = logging.getLogger(__name__)

_DEADLINE = 1.0
_PAUSE = 1.0
_LAST_WORDS = 1.0


class Sender:
    """One thread that publishes what is queued, joined into as few round trips as the queue allows.

    What Redis does not take within a second is dropped and counted, and so is all that comes in the second after it:
    hints that come late are worth nothing, for the sweep was sooner.
    """

    WAITING = 10_000
    BATCH = 500

    def __init__(self, url: str, tag: str) -> None:
        self._url, self._tag = url, tag
        self.dropped = 0
        self._lock = threading.Lock()
        self._begin_process()

    def _begin_process(self) -> None:
        self._pid = os.getpid()
        self._waiting: deque[tuple[str, bytes, int]] = deque()
        self._wake, self._is_idle = threading.Event(), threading.Event()
        self._is_idle.set()
        self._thread: threading.Thread | None = None
        self._away_until = 0.0
        self._client: Redis | None = None
        self._is_sharded = False

    def send(self, channel: str, data: bytes, events: int) -> None:
        """Publish `data`, which holds so many events, soon."""
        if self._thread is None or self._pid != os.getpid():
            self._begin_thread()
        if len(self._waiting) >= self.WAITING:
            self.dropped += events
            return
        self._waiting.append((channel, data, events))
        # In this order: the thread that is woken after it says idle again.
        self._is_idle.clear()
        if not self._wake.is_set():
            # Else it is awake already, and has yet to look.
            self._wake.set()

    def flush(self) -> None:
        """Return once all is sent or dropped, or a second has passed."""
        self._is_idle.wait(_LAST_WORDS)

    def _begin_thread(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                # A fork takes no threads along, and may not share the connection.
                self._begin_process()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="carillon-redis", daemon=True)
                self._thread.start()
                # A command that publishes and ends is not to take its hints with it.
                atexit.register(self.flush)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._publish()
            self._is_idle.set()

    def _publish(self) -> None:
        count = min(self.BATCH, len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(count)]
        try:
            if time.monotonic() < self._away_until:
                raise ConnectionError("Redis was away a moment ago")
            self._send([(channel, data) for channel, data, _ in batch])
        except (RedisError, OSError) as error:
            if not self._away_until:
                logger.warning("Redis takes no hints (%s); other processes hear by the sweep", error)
            if time.monotonic() >= self._away_until:
                self._away_until = time.monotonic() + _PAUSE
                self._leave()
            self.dropped += sum(events for _, _, events in batch)
        else:
            self._away_until = 0.0

    def _send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish these in one round trip: what a pipeline does, for a third of its processor time."""
        pool = self._at_home().connection_pool
        command = "SPUBLISH" if self._is_sharded else "PUBLISH"
        connection: Any = pool.get_connection()
        try:
            connection.send_packed_command(connection.pack_commands([(command, *message) for message in messages]))
            for _ in messages:
                connection.read_response()
        except BaseException:
            # Answers that were not read are nobody else's.
            connection.disconnect()
            raise
        finally:
            pool.release(connection)

    def _at_home(self) -> Redis:
        if self._client is None:
            home = find_home(self._url, self._tag, _DEADLINE)
            self._is_sharded = home.is_sharded
            self._client = patient(home.url, _DEADLINE)
        return self._client

    def _leave(self) -> None:
        """Look again where the channels live: they may have moved."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
