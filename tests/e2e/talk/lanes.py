"""Devices: each says its messages in order without waiting for answers, and all of what was not answered again when it comes back."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.talk.plan import Saying
from tests.e2e.talk.sheet import Sheet
from tests.support.raw import CLOSE, Declined, RawSocket, offer, open_raw
from tests.support.server import Server

TROUBLE = (OSError, EOFError, TimeoutError, Declined, httpx.HTTPError)
WINDOW = 24
PATIENCE = 20.0


class Device:
    """A sign-in that is refreshed now and then, as clients do; each time the access token is another one."""

    def __init__(self, server: Server, client: httpx.AsyncClient, session: dict[str, str]) -> None:
        self.server, self._client = server, client
        self.access, self._refresh = session["access"], session["refresh"]
        self.refreshed = 0

    async def refresh(self) -> None:
        """Change the tokens; where the server does not answer the old ones stay."""
        try:
            answer = await self._client.post(f"{self.server.url}/api/token/refresh/", json={"refresh": self._refresh})
        except TROUBLE:
            return
        if answer.status_code == 200:
            told = answer.json()
            self.access, self._refresh = told["access"], told.get("refresh", self._refresh)
            self.refreshed += 1


@dataclass(frozen=True)
class Copy:
    """A message to be sent once more; `is_other`: with another content or place, which is to be refused."""

    saying: Saying
    is_other: bool = False

    @property
    def body(self) -> tuple[int, str]:
        """Where it is said, and what."""
        saying = self.saying
        if not self.is_other:
            return saying.conversation, saying.content
        return (saying.other, saying.content) if saying.copies % 2 else (saying.conversation, saying.content + "!")


class Lane:
    """One device on sockets. `first_answer` is called with what was answered for the first time."""

    def __init__(
        self, device: Device, sheet: Sheet, chance: random.Random, first_answer: Callable[[Saying], None]
    ) -> None:
        self.device, self._sheet, self._chance, self._first_answer = device, sheet, chance, first_answer
        self.connections = 0
        self._waiting: deque[Copy] = deque()
        self._under_way: dict[str, Copy] = {}
        self._refs = itertools.count(1)
        self._news = asyncio.Event()
        self._is_closing = False

    def say(self, copy: Copy) -> None:
        """Send it after all that was to be sent before."""
        self._waiting.append(copy)
        self._news.set()

    def say_soon(self, copy: Copy) -> None:
        """Send it somewhere among what waits, but not before what is under way."""
        self._waiting.insert(self._chance.randint(0, len(self._waiting)), copy)
        self._news.set()

    def close(self) -> None:
        """End when all is answered."""
        self._is_closing = True
        self._news.set()

    async def run(self) -> None:
        """Stay connected until `close`, and until all is answered."""
        while not self._is_done:
            # In the order in which they were sent, before all that was not.
            self._waiting.extendleft(reversed(self._under_way.values()))
            self._under_way.clear()
            try:
                await self._connect()
            except TROUBLE:
                await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    @property
    def _is_done(self) -> bool:
        return self._is_closing and not self._waiting and not self._under_way

    async def _connect(self) -> None:
        await self.device.refresh()
        socket = await open_raw(self.device.server.port, protocols=offer(bearer=self.device.access))
        try:
            await socket.told("hello")
            self.connections += 1
            await self._talk(socket, self._chance.randint(60, 400))
        finally:
            socket.abort()

    async def _talk(self, socket: RawSocket, most: int) -> None:
        """Say and hear until so many were said, when the device goes and comes back with another token."""
        hearing = asyncio.create_task(self._hear(socket))
        try:
            while not hearing.done() and not self._is_done and most > 0:
                self._news.clear()
                while self._waiting and len(self._under_way) < WINDOW and most > 0:
                    self._send(socket, self._waiting.popleft())
                    most -= 1
                waiting = asyncio.create_task(self._news.wait())
                await asyncio.wait({waiting, hearing}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if self._under_way and not self._news.is_set() and not hearing.done():
                    raise TimeoutError("a command was not answered")
            if hearing.done():
                hearing.result()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    def _send(self, socket: RawSocket, copy: Copy) -> None:
        ref = f"m{next(self._refs)}"
        self._under_way[ref] = copy
        conversation, content = copy.body
        data = {"conversation": conversation, "content": content}
        socket.say({"type": "message.send", "ref": ref, "client_id": copy.saying.key, "data": data})

    async def _hear(self, socket: RawSocket) -> None:
        while (piece := await socket.heard()).opcode != CLOSE:
            frame = piece.json
            copy = self._under_way.pop(frame.get("ref") or "", None)
            if copy is not None:
                self._take(copy, frame)
                self._news.set()
        raise EOFError

    def _take(self, copy: Copy, frame: dict[str, Any]) -> None:
        saying = copy.saying
        if frame["type"] == "reply" and copy.is_other:
            self._sheet.accept_other(saying)
        elif frame["type"] == "reply":
            if self._sheet.acknowledge(saying, frame["data"]["message"]):
                self._first_answer(saying)
        elif self._sheet.refuse(saying, frame["data"]["code"], is_other=copy.is_other):
            self._sheet.put_off.add(saying.key)
            self._waiting.append(copy)


class Post:
    """One person's way by REST."""

    def __init__(
        self, device: Device, client: httpx.AsyncClient, sheet: Sheet, first_answer: Callable[[Saying], None]
    ) -> None:
        self.device, self._client, self._sheet, self._first_answer = device, client, sheet, first_answer
        self._sent = 0

    async def say(self, copy: Copy) -> None:
        """Post it until it is answered."""
        while True:
            try:
                if await self._once(copy):
                    return
            except TROUBLE:
                self._sheet.how["lost on the way"] += 1
            await asyncio.sleep(0.2)

    async def _once(self, copy: Copy) -> bool:
        self._sent += 1
        if self._sent % 100 == 0:
            await self.device.refresh()
        conversation, content = copy.body
        answer = await self._client.post(
            f"{self.device.server.url}/api/v1/conversations/{conversation}/messages/",
            json={"content": content},
            headers={"Authorization": f"Bearer {self.device.access}", "Idempotency-Key": copy.saying.key},
        )
        told = answer.json()
        if answer.status_code != 201:
            code = told.get("code", "")
            if code == "idempotency_mismatch" and answer.status_code != 422:
                code = f"{code} with status {answer.status_code}"
            return not self._sheet.refuse(copy.saying, code, is_other=copy.is_other)
        if copy.is_other:
            self._sheet.accept_other(copy.saying)
        elif self._sheet.acknowledge(copy.saying, told["message"]):
            self._first_answer(copy.saying)
        return True
