"""Limits hold exactly: one connection, one topic, one stranger too many; and who never ends a handshake is no burden (S13)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.e2e.limited import environment
from tests.support.covers import covers
from tests.support.raw import Declined, RawSocket, handshake, offer, open_raw
from tests.support.server import SOCKET_PATHS, Server, running

pytestmark = pytest.mark.serial

CONNECTIONS, STRANGERS, TOPICS = 30, 20, 100


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # The limits are those that it has by default; only the pace of commands is out of the way.
    options: dict[str, Any] = environment(COMMANDS_PER_SECOND=10_000.0, COMMAND_BURST=10_000)
    options["DJANGO_SETTINGS_MODULE"] = "tests.e2e.wire.open_rooms"
    with running(Server(tmp_path_factory.mktemp("limits"), CARILLON_SOCKETS=request.param, **options)) as server:
        yield server


async def _crowd(server: Server, count: int, protocols: list[str]) -> list[RawSocket]:
    return [await open_raw(server.port, protocols=protocols) for _ in range(count)]


def _leave(sockets: list[RawSocket]) -> None:
    for socket in sockets:
        socket.abort()


@covers("004-44")
async def test_the_thirty_first_connection_of_a_person_is_refused_and_no_other(server: Server) -> None:
    alice, bruno = server.login("alice"), server.login("bruno")
    crowd = await _crowd(server, CONNECTIONS, offer(bearer=alice))
    for socket in crowd:
        await socket.told("hello")
    for _ in range(3):
        code, before = await (await open_raw(server.port, protocols=offer(bearer=alice))).closed()
        told = before[-1].json["data"]
        assert (code, told["code"], told["fatal"], told["retry_after"]) == (4006, "connection_limit", True, 30)
        assert [piece.json["type"] for piece in before] == ["error"]
    other = await open_raw(server.port, protocols=offer(bearer=bruno))
    await other.told("hello")
    crowd.pop().abort()
    # It is counted out when the server has noticed.
    async with asyncio.timeout(20):
        while True:
            again = await open_raw(server.port, protocols=offer(bearer=alice))
            crowd.append(again)
            if (await again.heard()).json["type"] == "hello":
                break
    _leave([*crowd, other])


async def test_the_twenty_first_stranger_of_an_address_is_refused_before_the_handshake(server: Server) -> None:
    async with asyncio.timeout(20):
        crowd = await _crowd(server, STRANGERS, ["carillon.v1"])
        for _ in range(3):
            with pytest.raises(Declined) as declined:
                await open_raw(server.port, protocols=["carillon.v1"])
            assert declined.value.status == 429
    known = await open_raw(server.port, protocols=offer(bearer=server.login("bruno")))
    await known.told("hello")
    crowd[0].say({"type": "authenticate", "ref": "1", "data": {"token": server.login("admin")}})
    await crowd[0].told("hello")
    # Who signed in is a stranger no more, and leaves room for one.
    crowd += await _crowd(server, 1, ["carillon.v1"])
    with pytest.raises(Declined):
        await open_raw(server.port, protocols=["carillon.v1"])
    _leave([*crowd, known])


async def test_the_hundred_and_first_topic_of_a_connection_is_refused(server: Server) -> None:
    socket = await open_raw(server.port, protocols=offer(bearer=server.login("bruno")))
    hello = (await socket.told("hello"))["data"]
    assert hello["limits"]["topics"] == TOPICS
    # Its own is the first. What may not be followed does not count, nor what is followed already.
    hidden = [await _code(socket, "subscribe", f"user:{10**6 + number}") for number in range(3)]
    first = [await _code(socket, "subscribe", f"room:{number}") for number in range(TOPICS - 1)]
    again = [await _code(socket, "subscribe", topic) for topic in (hello["user_topic"], "room:0")]
    beyond = [await _code(socket, "subscribe", f"room:{TOPICS + number}") for number in range(3)]
    assert (set(hidden), set(first), set(again)) == ({"not_found"}, {None}, {None})
    assert set(beyond) == {"subscription_limit"}
    assert await _code(socket, "unsubscribe", "room:0") is None
    assert [await _code(socket, "subscribe", f"room:{TOPICS + number}") for number in range(2)] == [
        None,
        "subscription_limit",
    ]
    socket.abort()


async def _code(socket: RawSocket, kind: str, topic: str) -> str | None:
    """The slug that a command on a topic is refused by; None where it is not."""
    socket.say({"type": kind, "ref": f"{kind} {topic}", "data": {"topic": topic}})
    while (frame := (await socket.heard()).json).get("ref") != f"{kind} {topic}":
        pass
    code: str | None = frame["data"].get("code")
    return code


async def test_handshakes_that_never_end_cost_little_and_hold_up_nobody(server: Server) -> None:
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    begun = handshake("/ws/", offer(bearer=server.login("alice")))
    slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(300)]
    for number, (_, writer) in enumerate(slow):
        writer.write(begun[: number % (len(begun) - 1)])
    socket = await open_raw(server.port, protocols=offer(bearer=server.login("bruno")))
    await socket.told("hello")
    assert process.memory_info().rss - before <= 32 * 2**20
    for _, writer in slow:
        writer.transport.abort()
    socket.abort()
