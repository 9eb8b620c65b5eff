"""Abuse of the wire: each ends with its code, costs little memory, and the neighbour notices nothing (GUARANTEES S3)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psutil
import pytest

from tests.e2e.limited import WIDE, environment
from tests.e2e.wire.abuses import ALIVE, ALL, Abuse
from tests.support.covers import covers
from tests.support.raw import CLOSE, Declined, RawSocket, handshake, offer, open_by, open_raw, raw_socket
from tests.support.server import SOCKET_PATHS, Server

pytestmark = pytest.mark.serial

MIB = 2**20


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options: dict[str, Any] = {**environment(**WIDE), "CARILLON_SOCKETS": request.param}
    made = Server(tmp_path_factory.mktemp("abused"), **options).prepare().start()
    yield made
    log = made.tail(10_000_000)
    made.kill()
    told = [
        each for each in log.split("Traceback (most recent call last)")[1:] if not _is_uvicorns(each, request.param)
    ]
    assert told == [], told[0][:6_000]


def _is_uvicorns(traceback: str, path: str) -> bool:
    """uvicorn's own class logs one for each frame that it cannot decode, before anything of ours is called."""
    return path == "asgi" and "uvicorn/protocols/websockets" in traceback and "UnicodeDecodeError" in traceback


class Neighbour:
    """An ordinary client beside it, who speaks all the time, and watches the memory of the server."""

    def __init__(self, server: Server, socket: RawSocket) -> None:
        self.server, self.socket = server, socket
        self.process = psutil.Process(server.pid)
        self.peak = self.start = self.process.memory_info().rss
        self.answers = 0

    async def live(self) -> None:
        for number in itertools.count():
            self.socket.say({"type": "ping", "ref": str(number), "data": {}})
            assert (await self.socket.told("reply"))["ref"] == str(number)
            self.answers += 1
            self.peak = max(self.peak, self.process.memory_info().rss)
            await asyncio.sleep(0.01)


async def _ring_for_ever(server: Server, token: str) -> None:
    """Something is announced all the time to those who are misbehaving: a broken connection is no reason to fail."""
    while True:
        body = {"username": "alice", "title": "Ring", "message": ""}
        await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=token)


async def _is_alive(socket: RawSocket) -> bool:
    socket.say({"type": "ping", "ref": "alive?", "data": {}})
    while (reply := await socket.next()).opcode != CLOSE:
        if reply.opcode == 1 and reply.json.get("ref") == "alive?":
            return True
    return False


async def _end_of(server: Server, token: str, abuse: Abuse) -> int:
    """How a connection ends that sends this; ALIVE where it does not."""
    async with raw_socket(server.port, protocols=offer(bearer=token)) as socket:
        await socket.told("hello")
        with suppress(OSError):
            socket.send(abuse.data)
        if abuse.ends == (1006,):
            socket.writer.write_eof()
        if ALIVE in abuse.ends:
            with suppress(EOFError, OSError, TimeoutError):
                async with asyncio.timeout(20 if abuse.ends == (ALIVE,) else 0.5):
                    if await _is_alive(socket):
                        return ALIVE
            return 1006 if abuse.ends == (ALIVE,) else ALIVE
        return (await socket.closed())[0]


@covers("004-27")
async def test_each_abuse_ends_with_its_code_and_costs_the_neighbour_nothing(server: Server) -> None:
    token = server.login("alice")
    await _end_of(server, token, ALL[0])  # what a first connection loads is no abuse's doing
    neighbour = Neighbour(server, await open_raw(server.port, protocols=offer(bearer=server.login("bruno"))))
    await neighbour.socket.told("hello")
    living = asyncio.create_task(neighbour.live())
    ringing = asyncio.create_task(_ring_for_ever(server, token))
    wrong = {}
    for abuse in ALL:
        end = await _end_of(server, token, abuse)
        if end not in abuse.ends:
            wrong[abuse.name] = end
        assert not living.done(), f"the neighbour was cut by {abuse.name}: {living.exception()}"
    for task in (living, ringing):
        task.cancel()
    assert wrong == {}
    assert len(ALL) >= 40
    assert neighbour.answers > 20
    assert neighbour.peak - neighbour.start <= 32 * MIB, f"{(neighbour.peak - neighbour.start) / MIB:.0f} MiB more"


async def test_compression_is_not_agreed_to(server: Server) -> None:
    offered = [("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")]
    async with raw_socket(server.port, headers=offered, protocols=offer(bearer=server.login("alice"))) as socket:
        assert b"permessage-deflate" not in socket.answer
        await socket.told("hello")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("GET ", "POST ", {400, 404, 405}),
        ("Version: 13", "Version: 12", {400, 426}),
        ("Version: 13", "Version: thirteen", {400, 426}),
        ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", {400}),
        ("dGhlIHNhbXBsZSBub25jZQ==", "", {400}),
        ("Sec-WebSocket-Key", "X-Key", {400}),
    ],
)
async def test_what_is_no_handshake_is_refused_by_http(server: Server, old: str, new: str, status: set[int]) -> None:
    request = handshake("/ws/", ["carillon.v1"]).replace(old.encode(), new.encode())
    with pytest.raises(Declined) as declined:
        await open_by(server.port, request)
    assert declined.value.status in status


# uvicorn's own class reads on for ever, and nothing of ours is asked.
@pytest.mark.parametrize("server", ["direct"], indirect=True)
async def test_a_handshake_has_a_bound(server: Server) -> None:
    request = handshake("/ws/", ["carillon.v1"]).replace(b"Host: ", b"X-Long: " + b"x" * 70_000 + b"\r\nHost: ")
    with pytest.raises(Declined) as declined:
        await open_by(server.port, request)
    assert declined.value.status == 431
