"""Plays the dialogues of protocol/transcripts against a running server, and compares every answer whole."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.server import Server
from tests.support.tree import ROOT

FOLDER = ROOT / "protocol" / "transcripts"
PATIENCE = 10.0
_PLACEHOLDER = re.compile(r"<(id|time|user|username|number|token)(?::([\w -]+))?>")
_NUMBER = re.compile(r'"<number:([\w -]+)>"')
# Who is there is told when it is found out, between whatever else is said.
_WHEN_IT_COMES = {"user_status", "status"}


def names(dialect: str) -> list[str]:
    """Return the dialogues of a dialect, by name."""
    return sorted(path.stem for path in (FOLDER / dialect).glob("*.json"))


def load(dialect: str, name: str) -> dict[str, Any]:
    """Return one dialogue."""
    dialogue: dict[str, Any] = json.loads((FOLDER / dialect / f"{name}.json").read_text(encoding="utf-8"))
    return dialogue


def covered(dialects: Iterable[str]) -> set[str]:
    """Return the requirements that these dialects' dialogues say they show."""
    return {number for dialect in dialects for name in names(dialect) for number in load(dialect, name)["covers"]}


class Different(AssertionError):
    """An answer is not what the dialogue says."""


class Player:
    """One run of one dialogue: who takes part, which sockets are open, and what the placeholders stand for."""

    def __init__(self, server: Server, subprotocol: str) -> None:
        self.server, self.subprotocol = server, subprotocol
        self.known: dict[str, str] = {"token:nobody": "nonsense"}
        self.tokens: dict[str, str] = {"nobody": "nonsense"}
        self.sockets: dict[str, ClientConnection] = {}
        self.passed: defaultdict[str, list[Any]] = defaultdict(list)

    async def play(self, dialogue: dict[str, Any]) -> None:
        """Carry out every step; raises Different, naming the step and what was said instead."""
        await asyncio.to_thread(self._meet, dialogue)
        try:
            for number, step in enumerate(dialogue["steps"], 1):
                try:
                    await self._step(step)
                except (Different, TimeoutError, ConnectionClosed) as error:
                    raise Different(f"step {number}, {json.dumps(step, ensure_ascii=False)}: {error!r}") from None
        finally:
            for socket in self.sockets.values():
                await socket.close()

    def _meet(self, dialogue: dict[str, Any]) -> None:
        # Everybody is new: the same dialogue may be played on a server again.
        unique = f"{dialogue['title'][:40]} {id(self)}"
        called = {name: f"{name} {unique}"[:150] for name in dialogue["people"]}
        faces = {called[name]: face for name, face in dialogue.get("faces", {}).items()}
        made = self.server.request("POST", "/host/people/", {"names": list(called.values()), "faces": faces}).json
        for name, full in called.items():
            self.tokens[name], self.known[f"username:{name}"] = made[full]["token"], full
            self.known[f"token:{name}"] = self.tokens[name]
            self.known[f"user:{name}"] = self.known[f"number:{name}"] = made[full]["id"]
        for room, people in dialogue.get("rooms", {}).items():
            body = {"title": room, "people": [self.known[f"user:{name}"] for name in people]}
            self.known[f"number:{room}"] = str(self.server.request("POST", "/host/rooms/", body).json["id"])

    async def _step(self, step: dict[str, Any]) -> None:
        if "http" in step:
            await asyncio.to_thread(self._request, step)
        elif "python" in step:
            await asyncio.to_thread(self._run, step)
        elif "open" in step:
            await self._open(step)
        elif "send" in step:
            await self.sockets[step["socket"]].send(self._frame(step["send"]))
        elif "receive" in step:
            async with asyncio.timeout(PATIENCE):
                await self._receive(step["socket"], step["receive"])
        else:
            await self._closes(step)

    async def _receive(self, name: str, expected: dict[str, Any]) -> None:
        if expected["type"] in _WHEN_IT_COMES:
            while not any(self._is(expected, frame) for frame in self.passed[name]):
                self.passed[name].append(json.loads(await self.sockets[name].recv()))
            return
        frame = json.loads(await self.sockets[name].recv())
        while frame["type"] in _WHEN_IT_COMES:
            self.passed[name].append(frame)
            frame = json.loads(await self.sockets[name].recv())
        self._compare(expected, frame, "frame")

    def _is(self, expected: dict[str, Any], frame: dict[str, Any]) -> bool:
        try:
            self._compare(expected, frame, "frame")
        except Different:
            return False
        return True

    def _request(self, step: dict[str, Any]) -> None:
        method, path = self._filled(step["http"]).split(" ", 1)
        token = self.tokens[step["as"]] if step["as"] else ""
        answer = self.server.request(method, path, step.get("body"), token=token, headers=step.get("headers"))
        if answer.status != step["status"]:
            raise Different(f"{answer.status} {answer.raw!r}")
        self._compare(step["answer"], answer.json, "answer")

    def _run(self, step: dict[str, Any]) -> None:
        code = (FOLDER / step["python"]).read_text(encoding="utf-8")
        body = {"code": code, "in": step["in"], "user": self.known[f"user:{step['for']}"]}
        if "room" in step:
            body["room"] = self.known[f"number:{step['room']}"]
        answer = self.server.request("POST", "/host/sample/", body)
        if answer.status != 200:
            raise Different(f"{answer.status} {answer.raw!r}")

    async def _open(self, step: dict[str, Any]) -> None:
        url, offered = self.server.url.replace("http", "ws") + self._filled(step["open"]), [self.subprotocol]
        if step["by"] == "query":
            url, offered = f"{url}{'&' if '?' in url else '?'}token={self.tokens[step['as']]}", []
        elif step["by"] == "subprotocol":
            offered.append(f"bearer.{self.tokens[step['as']]}")
        subprotocols = [Subprotocol(each) for each in offered]
        socket = await connect(url, subprotocols=subprotocols or None, ping_interval=None)
        self.sockets[step["socket"]] = socket
        selected = offered[0] if offered else None
        if socket.subprotocol != selected:
            raise Different(f"subprotocol {socket.subprotocol} was selected")

    async def _closes(self, step: dict[str, Any]) -> None:
        socket = self.sockets[step["socket"]]
        async with asyncio.timeout(PATIENCE):
            try:
                while json.loads(frame := await socket.recv())["type"] in _WHEN_IT_COMES:
                    pass
                raise Different(f"{frame!r} came before the end")
            except ConnectionClosed:
                self._compare(step["closed"], socket.close_code, "close code")

    def _frame(self, said: Any) -> str | bytes:
        if isinstance(said, str):
            return said
        if "binary" in said:
            return bytes.fromhex(said["binary"])
        return self._filled(json.dumps(said))

    def _filled(self, text: str) -> str:
        numbers = _NUMBER.sub(lambda found: self.known[f"number:{found[1]}"], text)
        return _PLACEHOLDER.sub(lambda found: self.known[f"{found[1]}:{found[2]}"], numbers)

    def _compare(self, expected: Any, actual: Any, where: str) -> None:
        """Compare whole values; a placeholder takes what is there, once."""
        if isinstance(expected, dict) and isinstance(actual, dict):
            if expected.keys() != actual.keys():
                raise Different(f"{where} has the keys {sorted(actual)}")
            for key in expected:
                self._compare(expected[key], actual[key], f"{where}.{key}")
        elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
            for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
                self._compare(left, right, f"{where}[{index}]")
        elif isinstance(expected, str) and (found := _PLACEHOLDER.fullmatch(expected)):
            self._take(found[1], found[2], actual, where)
        elif type(expected) is not type(actual) or expected != actual:
            raise Different(f"{where} is {actual!r}")

    def _take(self, kind: str, name: str | None, actual: Any, where: str) -> None:
        if kind == "id" and not re.fullmatch(r"[0-9a-f]{12}", str(actual)):
            raise Different(f"{where} is no id: {actual!r}")
        if kind == "number" and type(actual) is not int:
            raise Different(f"{where} is no number: {actual!r}")
        if kind == "time":
            dt.datetime.fromisoformat(actual)
        if name and self.known.setdefault(f"{kind}:{name}", str(actual)) != str(actual):
            raise Different(f"{where} is {actual!r}, and was {self.known[f'{kind}:{name}']!r} before")
