"""Members who listen, and come back from their position; one of them reads as it goes, and the others hear how far."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from tests.e2e.talk.lanes import TROUBLE, Device
from tests.support.raw import CLOSE, RawSocket, offer, open_raw


class Reader:
    """One listening device; keeps what it was told of one conversation."""

    def __init__(self, device: Device, conversation: int, *, reads_every: int = 0) -> None:
        self.device, self.conversation, self._reads_every = device, conversation, reads_every
        self.topic = f"conversation:{conversation}"
        self.position: dict[str, Any] | None = None
        self.offsets: list[int] = []
        self.sent: list[tuple[int, str]] = []
        self.receipts: list[tuple[str, int]] = []
        self.connections = 0
        self.is_live = asyncio.Event()
        self._refs = itertools.count(1)

    async def run(self) -> None:
        """Stay connected for ever."""
        while True:
            try:
                await self._connect()
            except TROUBLE:
                pass
            finally:
                self.is_live.clear()
            await asyncio.sleep(0.1)

    def has_read(self, person: int, up_to: int) -> bool:
        """Whether it was told that this person has read everything up to a number."""
        return any(each == (str(person), up_to) for each in self.receipts)

    async def _connect(self) -> None:
        await self.device.refresh()
        socket = await open_raw(self.device.server.port, protocols=offer(bearer=self.device.access))
        try:
            await socket.told("hello")
            data = {"topic": self.topic, "position": self.position}
            socket.say({"type": "subscribe", "ref": "subscribe", "data": data})
            while (piece := await socket.heard()).opcode != CLOSE:
                self._take(socket, piece.json)
        finally:
            socket.abort()

    def _take(self, socket: RawSocket, frame: dict[str, Any]) -> None:
        if frame.get("ref") == "subscribe":
            assert frame["type"] == "reply", frame
            self.position = self.position or frame["data"]["position"]
            self.connections += 1
            self.is_live.set()
        elif frame.get("topic") == self.topic and "offset" in frame:
            self.offsets.append(frame["offset"])
            self.position = {"epoch": frame["epoch"], "offset": frame["offset"]}
            self._keep(socket, frame["type"], frame["data"])

    def _keep(self, socket: RawSocket, kind: str, data: dict[str, Any]) -> None:
        if kind == "conversation.read":
            self.receipts.append((data["person"], data["up_to"]))
        elif kind == "message.sent":
            message = data["message"]
            self.sent.append((message["seq"], message["client_id"]))
            if self._reads_every and message["seq"] % self._reads_every == 0:
                self.read(socket, message["seq"])

    def read(self, socket: RawSocket, up_to: int) -> None:
        """Say how far one has read, without waiting for the answer: what is lost in between the next one makes good."""
        data = {"conversation": self.conversation, "up_to": up_to}
        key = f"read-{self.conversation}-{up_to}"
        socket.say({"type": "conversation.read", "ref": f"r{next(self._refs)}", "client_id": key, "data": data})
