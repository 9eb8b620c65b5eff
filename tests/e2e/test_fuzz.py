"""Twenty thousand frames that make no sense: each gets one answer, nothing falls over, and the neighbour notices nothing."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.limited import WIDE, environment
from tests.e2e.nonsense import Fuzz
from tests.kernel.test_codec import REFUSED
from tests.support import postgres
from tests.support.server import SOCKET_PATHS, Server, running
from tests.support.sockets import NativeSocket, open_socket

pytestmark = pytest.mark.serial

# On each of two servers: both paths to the network, both databases, and five sockets at a time.
FRAMES, SOCKETS = 2_000, 5
PLACES = {"direct": "postgres", "asgi": "sqlite"}


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    is_stored_there = PLACES[request.param] == "postgres"
    extra: dict[str, Any] = {**environment(**WIDE), "CARILLON_SOCKETS": request.param}
    if is_stored_there:
        extra["database_url"] = postgres.create_database(postgres.shared_url(), "fuzzed")
    with running(Server(tmp_path_factory.mktemp("fuzzed"), **extra)) as made:
        yield made
    log = made.tail(10_000_000)
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


async def _fuzzed(server: Server, token: str, seed: int) -> list[dict[str, Any]]:
    """Every answer to the frames of this seed, from a connection that lives on."""
    async with open_socket(server.socket_url, bearer=token) as socket:
        for sent, frame in enumerate(Fuzz(seed).frames(FRAMES), start=1):
            await socket.send(frame)
            if sent % 100 == 0:
                await _answered(socket, sent)
        answers = await _answered(socket, FRAMES)
        assert await socket.command("ping") == {}
    return answers


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
        told = await asyncio.gather(*(_fuzzed(server, alice, 2026 + number) for number in range(SOCKETS)))
        answers = [answer for each in told for answer in each]
        is_over.set()
        waits = await living
        ring = {"username": "bruno", "title": "Still there?", "message": ""}
        assert (await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", ring, token=alice)).status == 201
        assert (await neighbour.next("notification.created"))["data"]["notification"]["title"] == "Still there?"
    assert len(answers) == FRAMES * SOCKETS
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
        "conflict",
        "gone",
    }
    assert len(waits) >= 3
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
