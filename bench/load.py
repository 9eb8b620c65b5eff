"""The load generator where there is no C compiler: commands and answers of bench/generator, without `say` and `freeze`.

It is slower than the fast servers, so what it finds per second is its own limit; figures per CPU-second of the server hold.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench.numbers import quantile

EVENT = re.compile(rb'"ts": ?(\d+), ?"n": ?(\d+)')
PATIENCE = 8.0
Words = dict[str, str]


def fill(template: str, index: int, topics: int) -> str:
    """A template with the numbers of the socket's topic and of the socket."""
    return template.replace("%t", str(index % topics)).replace("%i", str(index))


def masked(payload: bytes, kind: int = 0x81) -> bytes:
    """A frame of a client; a mask of zeros is a mask."""
    size = len(payload)
    return bytes((kind, 0x80 | size) if size < 126 else (kind, 0xFE, size >> 8, size & 255)) + b"\0\0\0\0" + payload


class Socket(asyncio.Protocol):
    """One open WebSocket; hands every text frame to `take`."""

    def __init__(self, index: int, head: str, take: Callable[[Socket, bytes], None]) -> None:
        self.index, self.head, self.take = index, head, take
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers, self.last = 0, -1
        self.is_upgraded = False
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.head.encode())

    def data_received(self, data: bytes) -> None:
        data, at = self._rest + data, 0
        if not self.is_upgraded:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(repr(data[:200])))
                return
            self.is_upgraded = True
            self.take(self, b"")
        self._rest = data[self._frames(data, at) :]

    def _frames(self, data: bytes, at: int) -> int:
        """Take whole frames; returns where the first one that is not whole begins."""
        while at + 2 <= len(data):
            length = data[at + 1]
            head = {126: 4, 127: 10}.get(length, 2)
            if head > 2:
                length = int.from_bytes(data[at + 2 : at + head])
            if at + head + length > len(data):
                break
            kind, payload = data[at] & 15, data[at + head : at + head + length]
            if kind == 1:
                self.take(self, payload)
            elif kind == 9:
                self.transport.write(masked(payload, 0x8A))
            at += head + length
        return at


class Load:
    """All sockets, and the line to the server's control port."""

    def __init__(self) -> None:
        self.words: Words = {}
        self.sockets: list[Socket] = []
        self.received = self.lost = self.doubled = self.asked = self.turns = 0
        self.delays: list[float] = []
        self.came = asyncio.Event()

    async def open(self, words: Words) -> dict[str, float]:
        """Open every socket, a hundred at a time."""
        self.words, count = words, int(words["n"])
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", int(words["control"]))
        lines = Path(words["tokens"]).read_text().split() if "tokens" in words else []
        tokens = lines[: int(words.get("people", count))]
        gate, cpu, started = asyncio.Semaphore(100), self.cpu(), time.perf_counter()

        async def one(index: int) -> None:
            async with gate:
                loop = asyncio.get_running_loop()
                head = self._head(index, tokens[index % len(tokens)] if tokens else "")
                _, socket = await loop.create_connection(
                    lambda: Socket(index, head, self.take), "127.0.0.1", int(words["port"])
                )
                self.sockets.append(socket)
                await asyncio.wait_for(socket.opened, 30)

        done = await asyncio.gather(*map(one, range(count)), return_exceptions=True)
        failed = sum(isinstance(each, BaseException) for each in done)
        seconds = time.perf_counter() - started
        return {"sockets": count - failed, "failed": failed, "seconds": seconds, "cpu": self.cpu() - cpu}

    def _head(self, index: int, token: str) -> str:
        path = fill(self.words["path"], index, self.topics)
        offered = f"Sec-WebSocket-Protocol: {self.words['protocol']}, bearer.{token}\r\n" if token else ""
        key = base64.b64encode(os.urandom(16)).decode()
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offered}\r\n"
        )

    @property
    def topics(self) -> int:
        """How many topics the sockets are spread over."""
        return int(self.words.get("topics", "1"))

    def take(self, socket: Socket, payload: bytes) -> None:
        """Count a frame, or go on with the greeting."""
        event = EVENT.search(payload)
        if event:
            self._count(socket, int(event[1]), int(event[2]))
        elif not socket.opened.done():
            self._greet(socket, payload)

    def _count(self, socket: Socket, sent: int, number: int) -> None:
        self.received += 1
        if socket.last >= 0:
            self.doubled += number <= socket.last
            self.lost += max(0, number - socket.last - 1)
        socket.last = max(socket.last, number)
        self.delays.append((time.monotonic_ns() - sent) / 1e6)
        self.came.set()

    def _greet(self, socket: Socket, payload: bytes) -> None:
        answer = self.words.get("answer", "").encode()
        if not payload and "first" in self.words:
            for frame in fill(self.words["first"], socket.index, self.topics).split("|"):
                socket.transport.write(masked(frame.encode()))
        if "socketio" in self.words:
            answer = b"40"
            if payload.startswith(b"0"):
                socket.transport.write(masked(b"40"))
        socket.answers += bool(answer and answer in payload)
        if not answer or socket.answers == int(self.words.get("answers", "1")):
            socket.opened.set_result(None)

    async def flood(self, words: Words) -> dict[str, float]:
        """Events with a window in flight, or at a rate; measured between two moments when everybody had one."""
        self.asked = self.received
        self.lost = self.doubled = 0
        await self._keep_on(words, float(words.get("warm", "0.3")))
        self.delays.clear()
        before = (self.received, time.perf_counter(), self.cpu(), time.process_time())
        await self._keep_on(words, float(words.get("seconds", "1")))
        after = (self.received, time.perf_counter(), self.cpu(), time.process_time())
        delays = self.delays[:] or [0.0]
        self.lost += await self._settle()
        names = ("deliveries", "wall", "cpu", "own_cpu")
        figures = {name: b - a for name, a, b in zip(names, before, after, strict=True)}
        late = {"p50": quantile(delays, 0.5), "p99": quantile(delays, 0.99), "max": max(delays)}
        return {**figures, **late, "lost": self.lost, "doubled": self.doubled, "closed": 0}

    async def _keep_on(self, words: Words, seconds: float) -> None:
        deadline, due = time.monotonic() + seconds, time.monotonic()
        burst, rate = int(words.get("burst", "1")), float(words.get("rate", "0"))
        fan = len(self.sockets) // self.topics
        while time.monotonic() < deadline or (not rate and (self.asked - self.received) % fan):
            window = int(words.get("window", "1")) - 1
            while (due <= time.monotonic()) if rate else (self.asked - self.received <= window * burst * fan):
                self._ask(words, fan)
                due += 1 / (rate or 1)
            await self._wait(0.001 if rate else PATIENCE)

    def _ask(self, words: Words, fan: int) -> None:
        burst = int(words.get("burst", "1"))
        topic = int(words.get("topic", "0")) + self.turns % self.topics
        self.turns += 1
        self.asked += burst * fan
        self.writer.write(f"{words['verb']} {topic} {burst} {words.get('size', '64')}\n".encode())

    async def _wait(self, seconds: float) -> bool:
        self.came.clear()
        try:
            await asyncio.wait_for(self.came.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _settle(self) -> int:
        while self.received < self.asked and await self._wait(PATIENCE):
            pass
        return max(0, self.asked - self.received)

    async def time(self, words: Words) -> dict[str, Any]:
        """One event at a time, and a bare transaction after each."""
        delays, bare, lost = [], [], 0
        for _ in range(int(words["samples"])):
            self.asked = self.received
            self.delays.clear()
            self._ask(words, len(self.sockets))
            lost += await self._settle()
            delays.append(max(self.delays, default=0.0))
            self.writer.write(b"c 0 1 64\n")
            bare.append(int(await self.reader.readline()) / 1e6)
        return {"delays": delays, "bare": bare, "lost": lost}

    async def idle(self, words: Words) -> dict[str, float]:
        """Nothing but keeping alive."""
        cpu, started = self.cpu(), time.perf_counter()
        await asyncio.sleep(float(words["seconds"]))
        return {"wall": time.perf_counter() - started, "cpu": self.cpu() - cpu, "closed": 0}

    def cpu(self) -> float:
        """CPU seconds of the server so far, all threads of all its processes."""
        pids = self.words.get("pids", "").split(",")
        times = [psutil.Process(int(pid)).cpu_times() for pid in pids if pid]
        return float(sum(each.user + each.system for each in times))


async def main() -> None:
    """Do what the lines on standard input say, until there are no more."""
    load = Load()
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, *pairs = line.split()
        words = dict(pair.split("=", 1) for pair in pairs)
        load.words["pids"] = words.get("pids", "")
        work = {"open": load.open, "flood": load.flood, "time": load.time, "idle": load.idle}.get(command)
        if work is None:
            raise SystemExit(f"{command} needs the load generator in C")
        sys.stdout.write(json.dumps(await work(words)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
