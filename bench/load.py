"""The load client, in a process of its own: plain TCP, opens sockets by hand, counts frames and times them.

It reads an Order as a line of JSON, opens the sockets and prints an Opening; then a Task a line, each answered with a
Flood or with Times. It is Python, so it can be slower than the server: figures are per CPU-second of the server, which
do not depend on that.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil

TICK = b'"bench.tick"'


@dataclass(frozen=True)
class Order:
    """Which sockets to open: one for each token (empty: none is sent); each says `first` and waits for `ready`."""

    port: int
    control: int
    pid: int
    tokens: list[str]
    first: str = ""
    ready: str = ""
    ping: str = ""


@dataclass
class Opening:
    """What opening them cost the server."""

    seconds: float = 0.0
    cpu: float = 0.0
    kib_each: float = 0.0


@dataclass(frozen=True)
class Task:
    """Ask for events with the byte `send`: `window` at a time for `seconds`, or `samples` one after the other."""

    send: str = "b"
    window: int = 4
    seconds: float = 1.5
    warm_up: float = 0.4
    samples: int = 0


@dataclass
class Flood:
    """Deliveries in some seconds, and the CPU seconds of the server and of this process."""

    deliveries: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    own_cpu: float = 0.0


@dataclass
class Times:
    """Seconds from the begin of a transaction to the frame, and those of a bare transaction each time."""

    delays: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


class Socket(asyncio.Protocol):
    """One open WebSocket; hands every text frame to `take`."""

    def __init__(self, token: str, first: str, take: Callable[[Socket, bytes], None]) -> None:
        self.token, self.first, self.take = token, first, take
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_ready = False
        self._rest = b""
        self._is_open = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        offered = "carillon.v1" + (f", bearer.{self.token}" if self.token else "")
        protocol = f"Sec-WebSocket-Protocol: {offered}\r\n" if self.token else ""
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{protocol}\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        at = 0
        if not self._is_open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            assert data.startswith(b"HTTP/1.1 101"), data[:200]
            self._is_open = True
            if self.first:
                self.transport.write(masked(self.first.encode()))
            else:
                self.ready()
        self._rest = data[self._frames(data, at) :]

    def _frames(self, data: bytes, at: int) -> int:
        """Take whole frames; returns where the first one that is not whole begins."""
        end, take = len(data), self.take
        while at + 4 <= end:
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            if at + head + length > end:
                break
            kind, payload = data[at] & 15, data[at + head : at + head + length]
            if kind == 1:
                take(self, payload)
            elif kind == 9:
                self.transport.write(masked(payload, 0x8A))
            else:
                raise ConnectionError(f"the server sent a frame of kind {kind}: {payload!r}")
            at += head + length
        return at

    def ready(self) -> None:
        """Count among those that get everything."""
        if not self.is_ready:
            self.is_ready = True
            self.opened.set_result(None)


def masked(payload: bytes, kind: int = 0x81) -> bytes:
    """A frame of a client; a mask of zeros is a mask."""
    size = len(payload)
    return bytes((kind, 0x80 | size) if size < 126 else (kind, 0xFE, size >> 8, size & 255)) + b"\0\0\0\0" + payload


class Crowd:
    """All sockets, and the line to the server's control port."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.server = psutil.Process(order.pid)
        self.sockets: list[Socket] = []
        self.count = 0
        self.in_flight = 0
        self.sending = ""
        self.arrived: dict[int, float] = {}
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ready = order.ready.encode()

    def take(self, socket: Socket, payload: bytes) -> None:
        """Count a frame; when everybody has an event, ask for the next."""
        if not socket.is_ready:
            if self._ready in payload:
                socket.ready()
            return
        if TICK not in payload:
            return
        self.count += 1
        if self.count % len(self.sockets) == 0:
            self.in_flight -= 1
            if not self.turn.done():
                self.turn.set_result(None)
            if self.sending:
                self.ask(self.sending)
            else:
                self.arrived[int(payload.partition(b'"n":')[2][:7])] = time.perf_counter()

    def ask(self, byte: str) -> None:
        """Ask the server for one event."""
        self.in_flight += 1
        self.writer.write(byte.encode())

    async def open(self) -> Opening:
        """Open every socket, twenty at a time, and weigh them."""
        order, limit = self.order, asyncio.Semaphore(20)
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", order.control)
        before, cpu, started = self.server.memory_full_info().uss, self.cpu(), time.perf_counter()

        async def one(token: str) -> None:
            async with limit:
                loop = asyncio.get_running_loop()
                _, socket = await loop.create_connection(
                    lambda: Socket(token, order.first, self.take), "127.0.0.1", order.port
                )
                self.sockets.append(socket)
                await asyncio.wait_for(socket.opened, 30)

        await asyncio.gather(*map(one, order.tokens))
        seconds, cpu = time.perf_counter() - started, self.cpu() - cpu
        await asyncio.sleep(0.5)
        return Opening(seconds, cpu, (self.server.memory_full_info().uss - before) / 1024 / len(self.sockets))

    async def flood(self, task: Task) -> Flood:
        """Keep `window` events in flight for a while and measure the middle of it."""
        self.sending = task.send
        for _ in range(task.window):
            self.ask(task.send)
        await self._event_after(task.warm_up)
        count, cpu, own, started = self.count, self.cpu(), time.process_time(), time.perf_counter()
        await self._event_after(task.seconds)
        found = Flood(self.count - count, time.perf_counter() - started, self.cpu() - cpu, time.process_time() - own)
        self.sending = ""
        while self.in_flight:
            await asyncio.sleep(0.01)
        return found

    async def time_each(self, task: Task) -> Times:
        """One event at a time: from the begin of its transaction to the last socket; in between, a bare one."""
        found = Times()
        for _ in range(task.samples):
            self.ask(task.send)
            number, started, _ = (await self.reader.readline()).split()
            while int(number) not in self.arrived:
                await asyncio.sleep(0)
            found.delays.append(self.arrived[int(number)] - float(started))
            self.writer.write(b"c")
            _, started, ended = (await self.reader.readline()).split()
            found.bare.append(float(ended) - float(started))
        return found

    async def do(self, task: Task) -> Flood | Times:
        """Carry out one task, after a sign of life from each socket."""
        if self.order.ping:
            for socket in self.sockets:
                socket.transport.write(masked(self.order.ping.encode()))
            await asyncio.sleep(0.3)
        if task.samples:
            return await self.time_each(task)
        answers = asyncio.create_task(self._ignore_answers())
        found = await self.flood(task)
        answers.cancel()
        return found

    async def _event_after(self, seconds: float) -> None:
        """Wait for so long, and then for the moment when everybody has an event: half an event is no measure."""
        await asyncio.sleep(seconds)
        self.turn = asyncio.get_running_loop().create_future()
        await self.turn

    def cpu(self) -> float:
        """CPU seconds of the server so far, all threads."""
        times = self.server.cpu_times()
        return float(times.user + times.system)

    async def _ignore_answers(self) -> None:
        while await self.reader.readline():
            pass


async def main() -> None:
    """Do what the lines on standard input say, until there are no more."""
    crowd = Crowd(Order(**json.loads(sys.stdin.readline())))
    _print(await crowd.open())
    while line := await asyncio.to_thread(sys.stdin.readline):
        _print(await crowd.do(Task(**json.loads(line))))


def _print(found: Any) -> None:
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
