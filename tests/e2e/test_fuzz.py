"""A thousand frames that make no sense: each gets one answer, nothing falls over, and the neighbour notices nothing."""

from __future__ import annotations

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.limited import WIDE, environment
from tests.kernel.test_codec import REFUSED
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

pytestmark = pytest.mark.serial

FRAMES = 1_000
COMMANDS = [
    "authenticate",
    "subscribe",
    "unsubscribe",
    "ping",
    "notification.read",
    "notification.unread",
    "notification.seen",
    "notification.read_all",
    "notification.restore_unread",
    "notification.archive",
    "notification.unarchive",
    "notification.snooze",
    "notification.unsnooze",
    "notification.delete",
    "notification.clear_read",
    "notification.press",
    "no.such",
    "",
    "constructor",
]
FIELDS = [
    "topic",
    "position",
    "token",
    "id",
    "action",
    "ids",
    "up_to",
    "until",
    "stamp",
    "epoch",
    "offset",
    "__proto__",
    "user_id",
    "",
]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    -(2**63),
    0.5,
    -1e308,
    "",
    " ",
    "user:1",
    "user:2",
    "user:999999999999999999999999",
    "conversation:1",
    "system",
    "user:1'; DROP TABLE x; --",
    "../../etc/passwd",
    "%s%s%n",
    "\u202e\u0000".replace("\0", ""),
    "\ufeff",
    "é" * 300,
    "x" * 5_000,
    "😀" * 100,
    "2026-13-45T99:99:99Z",
    "2026-11-21T10:00:00Z",
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00-14:00",
    [],
    [[]],
    ["ffffffffffff"],
    ["f" * 12] * 101,
    [None, 1, "x"],
    {},
    {"epoch": "x", "offset": -1},
    {"epoch": "", "offset": 2**63 - 1},
    {"epoch": "x.0", "offset": 0.5},
    {"$ne": None},
]


class Fuzz:
    """Frames by a grammar, bent, cut and mixed; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def frames(self, count: int) -> Iterator[str]:
        traps = [trap for trap in REFUSED if isinstance(trap, str) and len(trap) < 60_000]
        ways: list[Callable[[], str]] = [self.command, self.command, self.bent, self.cut, self.wrapped]
        for number in range(count):
            yield traps[number] if number < len(traps) else self.chance.choice(ways)()

    def value(self, depth: int = 0) -> Any:
        if depth < 3 and self.chance.random() < 0.2:
            return {self.chance.choice(FIELDS): self.value(depth + 1) for _ in range(self.chance.randrange(4))}
        return self.chance.choice(VALUES)

    def parts(self) -> dict[str, Any]:
        data = {self.chance.choice(FIELDS): self.value() for _ in range(self.chance.randrange(4))}
        frame: dict[str, Any] = {"type": self.chance.choice(COMMANDS), "data": data, "ref": "r"}
        if self.chance.random() < 0.3:
            frame["client_id"] = self.chance.choice(
                ["k", "", "x" * 200, "a\u0001b", "1e3f2c50-0000-4000-8000-000000000000"]
            )
        return frame

    def command(self) -> str:
        return json.dumps(self.parts())

    def bent(self) -> str:
        frame = self.parts()
        frame[self.chance.choice(["type", "data", "ref", "client_id", "extra", "topic"])] = self.value()
        return json.dumps(frame)

    def cut(self) -> str:
        text = json.dumps(self.parts())
        place = self.chance.randrange(len(text))
        return (
            text[:place]
            + self.chance.choice(["", "\\", '"', "\\u0000", "\\ud800", "{", "\x00", "é"])
            + text[place + 1 :]
        )

    def wrapped(self) -> str:
        depth = self.chance.choice([5, 31, 40])
        return json.dumps({**self.parts(), "data": json.loads("[" * depth + "]" * depth)})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    extra: dict[str, Any] = environment(**WIDE)
    made = Server(tmp_path_factory.mktemp("fuzzed"), **extra).prepare().start()
    yield made
    log = made.tail(10_000_000)
    made.kill()
    assert "Traceback" not in log, log[log.index("Traceback") - 2_000 :][:6_000]
    assert " ERROR " not in log, log[log.index(" ERROR ") - 200 :][:2_000]


async def _answered(socket: NativeSocket, count: int) -> list[dict[str, Any]]:
    """Every answer: replies and errors, but not what is announced meanwhile."""
    async with asyncio.timeout(60):
        while True:
            answers = [frame for frame in socket.frames if frame["type"] in ("reply", "error")]
            assert not socket.is_closed, f"closed with {socket.close_code} after {len(answers)} answers: {answers[-1:]}"
            if len(answers) >= count:
                return answers
            await asyncio.sleep(0.01)


async def _live_next_door(socket: NativeSocket, until: asyncio.Event) -> list[float]:
    waits = []
    while not until.is_set():
        asked = time.perf_counter()
        await socket.command("ping")
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.02)
    return waits


async def test_each_frame_gets_one_answer_and_the_neighbour_notices_nothing(server: Server) -> None:
    alice, bruno = server.login("alice"), server.login("bruno")
    is_over = asyncio.Event()
    async with open_socket(server.socket_url, bearer=bruno) as neighbour:
        living = asyncio.create_task(_live_next_door(neighbour, is_over))
        async with open_socket(server.socket_url, bearer=alice) as fuzzed:
            for sent, frame in enumerate(Fuzz(2026).frames(FRAMES), start=1):
                await fuzzed.send(frame)
                if sent % 50 == 0:
                    await _answered(fuzzed, sent)
            answers = await _answered(fuzzed, FRAMES)
            assert await fuzzed.command("ping") == {}
        is_over.set()
        waits = await living
        ring = {"username": "bruno", "title": "Still there?", "message": ""}
        assert (await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", ring, token=alice)).status == 201
        assert (await neighbour.next("notification.created"))["data"]["notification"]["title"] == "Still there?"
    assert len(answers) == FRAMES
    codes = {frame["data"]["code"] for frame in answers if frame["type"] == "error"}
    assert codes <= {
        "malformed",
        "invalid",
        "unknown_type",
        "unknown_field",
        "not_found",
        "forbidden",
        "token_invalid",
        "idempotency_mismatch",
    }
    assert len(waits) > 10
    assert max(waits) < 5.0, "the neighbour waited"


@pytest.mark.parametrize("path", ["/api/v1/notifications/seen/", "/api/token/", "/api/v1/demo/ring/"])
def test_the_same_traps_over_rest_are_refused_in_words(server: Server, path: str) -> None:
    token = server.login("alice")
    for trap in REFUSED:
        body = trap.encode("utf-8", "surrogatepass") if isinstance(trap, str) else trap
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(server.url + path, data=body, headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        with refused.value as answer:
            told = json.loads(answer.read())
        # No body at all is an object without fields.
        expected = {"malformed"} if body.strip() else {"malformed", "invalid"}
        assert (answer.code, told["code"] in expected) == (400, True), (trap[:40], told)
