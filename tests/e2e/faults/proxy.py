"""A TCP proxy with faults: latency, bytes one by one, little bandwidth, and connections that are cut, reset or fall silent."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Ending = Literal["", "cut", "reset", "silence"]
_CHUNK = 65_536


@dataclass(frozen=True)
class Manner:
    """How one connection is treated; what happens at its end comes after so many bytes to the client."""

    latency: float = 0.0
    jitter: float = 0.0
    segment: int = 0
    bandwidth: float = 0.0
    ending: Ending = ""
    after: int = 0


class Proxy:
    """Forwards a loopback port to another one, treating each connection as `manner` says when it is made."""

    def __init__(self, target: int, manner: Callable[[], Manner] = Manner, *, seed: int = 0) -> None:
        self.target, self.manner = target, manner
        self.port = 0
        # Whether new connections are taken; where not, they are refused.
        self.is_open = True
        self.done: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> Proxy:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Listen no more, and end every connection."""
        if self._server is not None:
            self._server.close()
        self.drop_all("reset")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop_all(self, how: Ending) -> int:
        """End every connection now, in this way; returns how many."""
        lines = list(self._lines)
        for line in lines:
            line.end(how)
        return len(lines)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            if not self.is_open:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            self.done["refused"] += 1
            writer.transport.abort()
            return
        line = _Line(self.manner(), self._chance, writer, far_writer, self.done)
        self._lines.add(line)
        try:
            await line.run(reader, far_reader)
        finally:
            self._lines.discard(line)


class _Line:
    """One connection through the proxy."""

    def __init__(
        self,
        manner: Manner,
        chance: random.Random,
        near: asyncio.StreamWriter,
        far: asyncio.StreamWriter,
        done: Counter[str],
    ) -> None:
        self._manner, self._chance, self._near, self._far, self._done = manner, chance, near, far, done
        self._left = manner.after
        self._is_silent = False
        self._pumps: list[asyncio.Task[None]] = []
        for writer in (near, far):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def run(self, near: asyncio.StreamReader, far: asyncio.StreamReader) -> None:
        """Forward both ways until one side ends, or we end it."""
        loop = asyncio.get_running_loop()
        self._pumps = [
            loop.create_task(self._pump(near, self._far, is_counted=False)),
            loop.create_task(self._pump(far, self._near, is_counted=True)),
        ]
        try:
            await asyncio.wait(self._pumps, return_when=asyncio.FIRST_COMPLETED)
            if self._is_silent:
                # Half-open: neither side hears of it, until it gives up by itself.
                await asyncio.wait(self._pumps)
        finally:
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)
            for writer in (self._near, self._far):
                writer.close()

    def end(self, how: Ending) -> None:
        """End the connection: with a FIN, with a RST, or by forwarding nothing more."""
        self._done[how] += 1
        if how == "silence":
            self._is_silent = True
            return
        if how == "reset":
            for writer in (self._near, self._far):
                with contextlib.suppress(OSError):
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
        for pump in self._pumps:
            pump.cancel()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_counted: bool) -> None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        sending = loop.create_task(self._send(waiting, writer, is_counted=is_counted))
        due = 0.0
        try:
            while data := await reader.read(_CHUNK):
                delay = self._manner.latency + self._chance.uniform(-1, 1) * self._manner.jitter
                # In order: what was sent later does not come sooner.
                due = max(due, loop.time() + max(0.0, delay))
                await waiting.put((due, data))
            await waiting.put((due, b""))
            await sending
        except OSError:
            pass
        finally:
            sending.cancel()

    async def _send(
        self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, *, is_counted: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                due, data = await waiting.get()
                if not data:
                    return
                await asyncio.sleep(due - loop.time())
                if is_counted and self._ends_within(data):
                    writer.write(data[: self._left])
                    self.end(self._manner.ending)
                elif not self._is_silent:
                    await self._forward(writer, data)

    def _ends_within(self, data: bytes) -> bool:
        if not self._manner.ending or self._is_silent:
            return False
        if self._left > len(data):
            self._left -= len(data)
            return False
        return True

    async def _forward(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        size = self._manner.segment or len(data)
        if self._manner.bandwidth:
            # A tenth of a second's worth at a time.
            size = min(size, max(1, int(self._manner.bandwidth / 10)))
        for start in range(0, len(data), size):
            part = data[start : start + size]
            writer.write(part)
            await writer.drain()
            if self._manner.bandwidth:
                await asyncio.sleep(len(part) / self._manner.bandwidth)
            elif self._manner.segment:
                await asyncio.sleep(0)


def mixed(chance: random.Random, share: float, *, life: int) -> Callable[[], Manner]:
    """Every fault in turn by chance, on this share of the connections; they end after `life` bytes at most."""

    def manner() -> Manner:
        if chance.random() > share:
            return Manner()
        after = chance.randrange(1, life)
        return chance.choice(
            [
                Manner(latency=0.2, jitter=0.15),
                Manner(ending="cut", after=after),
                Manner(ending="reset", after=after),
                Manner(ending="silence", after=after),
                Manner(segment=1),
                Manner(bandwidth=5_000.0),
                Manner(latency=0.05, jitter=0.05, ending="cut", after=after, segment=7),
            ]
        )

    return manner
