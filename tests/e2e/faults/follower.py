"""A real WebSocket client that behaves as our SDK does: resumes by position, drops what it knows, fetches a snapshot when told."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.e2e.faults.history import Kind, Record, Sheet
from tests.e2e.faults.pace import AGAIN, AT_ONCE, PROTOCOL, TERMINAL, At, Frame, Pace, decode_frame
from tests.e2e.faults.places import Person, id_of

TROUBLE = (OSError, WebSocketException, TimeoutError, EOFError, httpx.HTTPError)


class Follower:
    """Follows its own topic and some halls over any number of connections; each record goes to a file."""

    def __init__(
        self,
        name: str,
        person: Person,
        urls: Sequence[str],
        topics: Sequence[str],
        folder: Path,
        *,
        pace: Pace,
        seed: str,
    ) -> None:
        """`urls`: http addresses of servers (or of proxies before them), tried in turn."""
        self.name, self.person, self.urls, self.pace = name, person, urls, pace
        self.sheet = Sheet(folder / f"{name}.jsonl")
        self.held: dict[str, At] = {}
        self.following: set[str] = set()
        self.wanted = {f"user:{person.key}", *topics}
        self.closes: Counter[int] = Counter()
        # Seconds from each loss of a connection that was live until everything was followed again.
        self.downs: list[float] = []
        self.is_over = False
        self._chance = random.Random(seed)
        self._turn = self._chance.randrange(100)
        self._stopping = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._number, self._attempt = 0, 0
        self._heard_at, self._lost_at, self._drained = 0.0, 0.0, -1.0
        self._was_live = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def is_live(self) -> bool:
        """Whether everything wanted is followed now."""
        return self._socket is not None and self.wanted <= self.following

    @property
    def has_begun(self) -> bool:
        """Whether everything wanted was followed once; where connections have a short life, hardly ever are all live at once."""
        return self.wanted <= self.held.keys()

    def has(self, heads: dict[str, At]) -> bool:
        """Whether everything up to these positions has come."""
        return all(
            self.held[topic].epoch == heads[topic].epoch and self.held[topic].offset >= heads[topic].offset
            for topic in self.wanted & self.held.keys() & heads.keys()
        )

    async def run(self) -> None:
        """Connect, follow and come back, until `stop` or a close that is for good."""
        try:
            while not self._stopping.is_set() and not self.is_over:
                await self._wait(await self._live_once())
        finally:
            self.sheet.close()

    def stop(self) -> None:
        """End after the frame at hand."""
        self._stopping.set()
        if self._socket is not None:
            self._spawn(self._socket.close())

    def drop(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    # Connections.

    async def _wait(self, code: int | None) -> None:
        if code in TERMINAL:
            self.is_over = True
            return
        self._attempt += 1
        delay = min(self.pace.first_delay * 2 ** (self._attempt - 1), self.pace.longest_delay)
        delay *= self._chance.uniform(0.8, 1.2)
        if self._drained >= 0:
            delay, self._drained = self._drained, -1.0
        elif code in AT_ONCE and self._attempt == 1:
            delay = self._chance.uniform(0, 5 * self.pace.first_delay) if code == 1012 else 0.0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)

    async def _live_once(self) -> int | None:
        """One connection, from its beginning to its end; returns the close code, or None where there was none."""
        url = self.urls[self._turn % len(self.urls)]
        self._turn += 1
        offered = [Subprotocol(PROTOCOL), Subprotocol(f"bearer.{self.person.token}")]
        try:
            socket = await connect(
                url.replace("http", "ws") + "/ws/",
                subprotocols=offered,
                ping_interval=None,
                compression=None,
                max_size=None,
                open_timeout=max(self.pace.patience, 5.0),
                close_timeout=1,
            )
        except TROUBLE:
            return None
        return await self._use(socket, url)

    async def _use(self, socket: ClientConnection, url: str) -> int | None:
        self._number += 1
        self._put("open")
        self._socket, self._url, self._was_live = socket, url, False
        self.following.clear()
        self._watch(socket)
        if self.pace.life:
            life = self._chance.expovariate(1 / self.pace.life)
            self._timers.append(asyncio.get_running_loop().call_later(life, socket.transport.abort))
        try:
            async for raw in socket:
                self._heard_at = time.monotonic()
                await self._take(decode_frame(raw))
                if self.pace.reads or self.pace.blind:
                    await self._dawdle(len(raw))
        except TROUBLE:
            pass
        finally:
            self._forget(socket)
        return socket.close_code

    def _forget(self, socket: ClientConnection) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for task in self._tasks:
            task.cancel()
        if self._was_live:
            self._lost_at = time.monotonic()
        self._socket = None
        self.following.clear()
        self.closes[socket.close_code or 0] += 1
        self._put("end", offset=socket.close_code or 0)
        socket.transport.abort()

    async def _dawdle(self, size: int) -> None:
        if self.is_live and self.pace.blind:
            blind, self.pace = self.pace.blind, Pace(first_delay=self.pace.first_delay)
            await asyncio.sleep(blind)
        elif self.is_live and self.pace.reads:
            await asyncio.sleep(size / self.pace.reads)

    def _watch(self, socket: ClientConnection) -> None:
        """Say now and then that we are there, and leave a server that does not answer."""
        self._heard_at = time.monotonic()

        def look() -> None:
            silent = time.monotonic() - self._heard_at
            if silent > self.pace.ping_every + self.pace.patience and not self.pace.blind:
                socket.transport.abort()
                return
            self._send({"type": "ping", "ref": "ping"})
            self._timers.append(asyncio.get_running_loop().call_later(self.pace.ping_every, look))
            del self._timers[:-4]

        self._timers.append(asyncio.get_running_loop().call_later(self.pace.ping_every, look))

    # Frames.

    async def _take(self, frame: Frame) -> None:
        if frame.offset:
            self._take_event(frame)
            return
        data = msgspec.json.decode(frame.data) or {}
        match frame.type:
            case "hello":
                self._greeted(data["user_topic"], At(**data["position"]))
            case "reply" if frame.ref and frame.ref.startswith("s "):
                self._subscribed(data["topic"], data["position"])
            case "error":
                self._refused(data, (frame.ref or "").removeprefix("s ") or data.get("topic"))
            case "resync":
                self._put("resync", frame.topic, id=data["reason"])
                self.following.discard(frame.topic)
                self._spawn(self._fetch(frame.topic))
            case "drain":
                self._drained = data["reconnect_in"] / 1000

    def _take_event(self, frame: Frame) -> None:
        now = time.time()
        id = id_of(frame.type, msgspec.json.decode(frame.data))
        written = dt.datetime.fromisoformat(frame.at).timestamp()
        self._put("event", frame.topic, At(frame.epoch, frame.offset), id=id, at=now, written=written)
        held = self.held.get(frame.topic)
        if held is None or held.epoch != frame.epoch or frame.offset > held.offset + 1:
            # A gap: ask again from where we are, unless an answer to that is on its way.
            if frame.topic in self.following:
                self.following.discard(frame.topic)
                self._subscribe(frame.topic)
        elif frame.offset == held.offset + 1:
            self.held[frame.topic] = At(frame.epoch, frame.offset)

    def _greeted(self, own: str, position: At) -> None:
        self._put("follow", own, position)
        if self.held.setdefault(own, position) == position:
            self._follows(own)
        else:
            self._subscribe(own)
        for topic in self.wanted - {own}:
            self._subscribe(topic)

    def _subscribed(self, topic: str, told: dict[str, Any] | None) -> None:
        if told is None:
            return
        position = At(**told)
        self._put("follow", topic, position)
        if self.held.setdefault(topic, position) == position:
            self._follows(topic)
        else:
            # Delivery begins later than where we are: what lies between is for a snapshot to tell.
            self._spawn(self._fetch(topic))

    def _follows(self, topic: str) -> None:
        self.following.add(topic)
        if self.is_live and not self._was_live:
            self._was_live, self._attempt = True, 0
            if self._lost_at:
                self.downs.append(time.monotonic() - self._lost_at)

    def _refused(self, error: dict[str, Any], topic: str | None) -> None:
        if not topic or error.get("fatal"):
            return
        self.following.discard(topic)
        if error["code"] in {"forbidden", "not_found"}:
            self._put("withdrawn", topic)
        if topic in self.wanted:
            self._timers.append(asyncio.get_running_loop().call_later(AGAIN, self._subscribe, topic))

    async def _fetch(self, topic: str) -> None:
        """Fetch the snapshot and follow what comes after it."""
        headers = {"Authorization": f"Bearer {self.person.token}"}
        while True:
            with contextlib.suppress(*TROUBLE):
                async with httpx.AsyncClient(timeout=5) as client:
                    answer = await client.get(f"{self._url}/faults/position/{topic}/", headers=headers)
                if answer.status_code == 200:
                    break
            await asyncio.sleep(AGAIN)
        position = At(**answer.json())
        self._put("snapshot", topic, position)
        self.held[topic] = position
        self._subscribe(topic)

    def _subscribe(self, topic: str) -> None:
        held = self.held.get(topic)
        data = {"topic": topic, **({"position": {"epoch": held.epoch, "offset": held.offset}} if held else {})}
        self._send({"type": "subscribe", "ref": f"s {topic}", "data": data})

    def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            self._spawn(self._send_now(self._socket, msgspec.json.encode(frame).decode()))

    async def _send_now(self, socket: ClientConnection, text: str) -> None:
        with contextlib.suppress(*TROUBLE):
            await socket.send(text)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _put(
        self, kind: Kind, topic: str = "", place: At | None = None, *, id: str = "", offset: int = 0, at: float = 0.0,
        written: float = 0.0,
    ) -> None:  # fmt: skip
        epoch, offset = (place.epoch, place.offset) if place else ("", offset)
        self.sheet.add(Record(kind, self._number, topic, epoch, offset, id, at or time.time(), written))
