"""The load client, in a process of its own: plain TCP, opens sockets by hand, counts frames and times them.

`python -m bench.load '<json of an Order>'` prints the result as JSON. It is Python, so it can be slower than the server:
figures are per CPU-second of the server, which do not depend on that.
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


@dataclass(frozen=True)
class Order:
    """What to do: open `tokens` sockets (empty token: none is sent), make each follow, then send for `seconds`."""

    port: int
    control: int
    pid: int
    tokens: list[str]
    first: str = ""
    ready: str = ""
    send: str = "b"
    window: int = 4
    seconds: float = 3.0
    warm_up: float = 0.7
    samples: int = 0


@dataclass
class Result:
    """What came of it; CPU seconds are those of the server, but for `own_cpu`."""

    opened_in: float = 0.0
    opened_cpu: float = 0.0
    kib_each: float = 0.0
    events: int = 0
    deliveries: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    own_cpu: float = 0.0
    delays: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)
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
            if data[at] == 0x81:
                take(self, data[at + head : at + head + length])
            assert data[at] != 0x88, f"closed by the server: {data[at + head : at + head + length]!r}"
            at += head + length
        return at

    def ready(self) -> None:
        """Count among those that get everything."""
        if not self.is_ready:
            self.is_ready = True
            self.opened.set_result(None)


def masked(payload: bytes) -> bytes:
    """A text frame of a client; a mask of zeros is a mask."""
    size = len(payload)
    return bytes((0x81, 0x80 | size) if size < 126 else (0x81, 0xFE, size >> 8, size & 255)) + b"\0\0\0\0" + payload


class Crowd:
    """All sockets, and the line to the server's control port."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.server = psutil.Process(order.pid)
        self.sockets: list[Socket] = []
        self.count = 0
        self.in_flight = 0
        self.is_sending = False
        self.arrived: dict[int, float] = {}
        self._ready = order.ready.encode()

    def take(self, socket: Socket, payload: bytes) -> None:
        """Count a frame; when everybody has an event, ask for the next."""
        if not socket.is_ready:
            if self._ready in payload:
                socket.ready()
            return
        self.count += 1
        if self.count % len(self.sockets) == 0:
            self.in_flight -= 1
            if self.order.samples:
                self.arrived[int(payload.partition(b'"n":')[2][:7])] = time.perf_counter()
            elif self.is_sending:
                self.ask()

    def ask(self) -> None:
        """Ask the server for one event."""
        self.in_flight += 1
        self.writer.write(self.order.send.encode())

    async def open(self, result: Result) -> None:
        """Open every socket, twenty at a time, and weigh them."""
        order, limit = self.order, asyncio.Semaphore(20)
        reader, self.writer = await asyncio.open_connection("127.0.0.1", order.control)
        self.reader = reader
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
        result.opened_in, result.opened_cpu = time.perf_counter() - started, self.cpu() - cpu
        await asyncio.sleep(0.5)
        result.kib_each = (self.server.memory_full_info().uss - before) / 1024 / len(self.sockets)

    async def flood(self, result: Result) -> None:
        """Keep `window` events in flight for a while and measure the middle of it."""
        drain = asyncio.create_task(self._ignore_answers())
        self.is_sending = True
        for _ in range(self.order.window):
            self.ask()
        await asyncio.sleep(self.order.warm_up)
        count, cpu, own, started = self.count, self.cpu(), time.process_time(), time.perf_counter()
        await asyncio.sleep(self.order.seconds)
        result.deliveries, result.wall = self.count - count, time.perf_counter() - started
        result.cpu, result.own_cpu = self.cpu() - cpu, time.process_time() - own
        result.events = result.deliveries // len(self.sockets)
        self.is_sending = False
        drain.cancel()

    async def time_each(self, result: Result) -> None:
        """One event at a time: from the start of its transaction to the last socket; in between, a bare commit."""
        for _ in range(self.order.samples):
            self.ask()
            number, started, ended = (await self.reader.readline()).split()
            while int(number) not in self.arrived:
                await asyncio.sleep(0)
            result.delays.append(self.arrived[int(number)] - float(started))
            result.commits.append(float(ended) - float(started))
            self.writer.write(b"c")
            _, started, ended = (await self.reader.readline()).split()
            result.bare.append(float(ended) - float(started))

    def cpu(self) -> float:
        """CPU seconds of the server so far, all threads."""
        times = self.server.cpu_times()
        return float(times.user + times.system)

    async def _ignore_answers(self) -> None:
        while await self.reader.readline():
            pass


async def carry_out(order: Order) -> Result:
    """Do what is ordered."""
    crowd, result = Crowd(order), Result()
    await crowd.open(result)
    if order.samples:
        await crowd.time_each(result)
    elif order.seconds:
        await crowd.flood(result)
    return result


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(carry_out(Order(**json.loads(sys.stdin.read())))))))  # noqa: T201
