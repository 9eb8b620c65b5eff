"""Carillon in a host that has Channels, groups and a worker of its own: over Redis as it was, and over our layer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.hosts.host import Host, project, sqlite
from tests.hosts.lobby import OURS, THEIRS, Lobby, Person, heard, people, rings_but_for, rung, say
from tests.support import processes
from tests.support.covers import covers

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("lobby")
    Host(project("channels"), "lobby", folder).prepare("anna", "ben")
    return sqlite(folder)


@pytest.fixture(scope="module", params=THEIRS, ids=["core", "pubsub"])
def lobby(
    request: pytest.FixtureRequest, database: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lobby]:
    lobby = Lobby(request.param, database, tmp_path_factory.mktemp("redis")).serve()
    yield lobby
    lobby.kill()


@pytest.fixture(scope="module")
def ours(database: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lobby]:
    lobby = Lobby(OURS, database, tmp_path_factory.mktemp("ours")).serve()
    yield lobby
    lobby.kill()


# What both layers have to carry.


async def chats_in_one_process(lobby: Lobby) -> None:
    anna, ben = people(lobby, "here")
    async with anna.chat("red") as one, ben.chat("red") as other, ben.chat("blue") as elsewhere:
        await say(one, text="Salut")
        assert await heard(one) == await heard(other) == {"text": "Salut", "by": "anna"}
        assert await anna.submit("/announce/", room="red", text="From a view") == 200
        assert await heard(one) == await heard(other) == {"text": "From a view", "by": "view"}
        await say(elsewhere, text="Only here")
        assert await heard(elsewhere) == {"text": "Only here", "by": "ben"}
        await other.close()
        await say(one, text="Alone")
        assert (await heard(one))["text"] == "Alone"


async def pins_by_synchronous_code(lobby: Lobby) -> None:
    anna, ben = people(lobby, "here")
    async with anna.theirs("/ws/board/") as one, ben.theirs("/ws/board/") as other:
        for socket in (one, other):
            await say(socket, text="Pinned")
            assert await heard(one) == await heard(other) == {"pinned": "Pinned"}


async def refuses_as_it_did(lobby: Lobby) -> None:
    anna, _ = people(lobby, "here")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(lobby.here.socket_url("/ws/chat/red/")):
            pass
    assert refused.value.response.status_code == 403
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with anna.theirs("/ws/nowhere/") as socket:
            await socket.recv()


# Over Redis, as it was.


@covers("000-40")
def test_the_host_is_told_what_its_layer_misses(lobby: Lobby) -> None:
    said = lobby.here.manage("check", "--database", "default")
    assert "carillon.I001" in said and "none of Carillon's sockets" in said
    assert "carillon.W" not in said and "carillon.E" not in said


@covers("002-27", "002-28")
async def test_its_consumers_work_as_they_did(lobby: Lobby) -> None:
    await chats_in_one_process(lobby)
    await pins_by_synchronous_code(lobby)
    await refuses_as_it_did(lobby)


async def test_its_groups_cross_by_redis_and_our_notifications_by_the_log(lobby: Lobby) -> None:
    anna, ben = people(lobby)
    far = Person(lobby.there, "anna")
    async with anna.chat("far") as one, ben.chat("far") as other, anna.ours() as near, far.ours() as away:
        await say(one, text="Over there")
        assert await heard(one) == await heard(other) == {"text": "Over there", "by": "anna"}
        assert await anna.submit("/orders/", text="Both hear it") == 200
        assert await rung(near) == await rung(away) == "Both hear it"
        newest = near.events[-1]["data"]["notification"]["id"]
        await near.write("notification.read", {"ids": [newest]})
        assert (await away.next("notification.updated"))["data"]["notifications"][0]["is_read"] is True


async def test_its_worker_works_in_a_process_of_its_own(lobby: Lobby, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    worker = processes.start(lobby.here.command("runworker", "shouts"), log, env=lobby.here.environment)
    try:
        async with Person(lobby.here, "anna").chat("loud") as socket:
            assert await shouted(socket, "quiet") == {"text": "QUIET", "by": "worker"}
    finally:
        processes.kill(worker)
    assert "Traceback" not in log.read_text()


async def shouted(socket: ClientConnection, text: str) -> dict[str, Any]:
    """Ask until there is an answer: the pub/sub layer keeps no message for a worker that has not subscribed yet."""
    async with asyncio.timeout(20):
        while True:
            await say(socket, shout=text)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    return await heard(socket)


@covers("000-18", "000-19", "000-24")
async def test_the_documents_own_way_rings_its_bell_and_ours_once_each(lobby: Lobby) -> None:
    anna = Person(lobby.here, "anna")
    far = Person(lobby.there, "anna")
    async with far.theirs("/ws/own-bell/") as own, far.ours() as away, anna.ours() as near:
        assert await anna.submit("/own-way/", text="Both ways") == 200
        assert await heard(own) == {"own": "Both ways"}
        assert await rung(near) == await rung(away) == "Both ways"
        assert await anna.submit("/orders/", text="After it") == 200
        assert await rings_but_for(near, "After it") == await rings_but_for(away, "After it") == []


@pytest.mark.parametrize("lobby", THEIRS[:1], indirect=True, ids=["core"])
async def test_when_redis_dies_its_layer_fails_and_ours_rings(lobby: Lobby) -> None:
    anna, far = Person(lobby.here, "anna"), Person(lobby.there, "anna")
    async with anna.ours() as near, far.ours() as away, anna.chat("doomed") as chat:
        lobby.broker.kill()
        with pytest.raises(ConnectionClosed):
            await heard(chat)
        assert await anna.submit("/announce/", room="doomed", text="Never") == 500
        assert await anna.submit("/orders/", text="Without Redis") == 200
        assert await rung(near) == await rung(away) == "Without Redis"
        lobby.broker.start()
        async with anna.chat("doomed") as again:
            await say(again, text="Back")
            assert (await heard(again))["text"] == "Back"
        assert await anna.submit("/orders/", text="With Redis") == 200
        assert await rung(near) == await rung(away) == "With Redis"


# Over our layer.


def test_over_our_layer_nothing_is_missed(ours: Lobby) -> None:
    assert "no issues" in ours.here.manage("check", "--database", "default")


async def test_over_our_layer_its_consumers_work_as_they_did(ours: Lobby) -> None:
    await chats_in_one_process(ours)
    await pins_by_synchronous_code(ours)
    await refuses_as_it_did(ours)


@covers("000-18", "000-19", "000-40")
async def test_over_our_layer_the_documents_own_way_rings_every_bell_once(ours: Lobby) -> None:
    anna, far = Person(ours.here, "anna"), Person(ours.there, "anna")
    async with anna.theirs("/ws/own-bell/") as own, anna.ours() as near, far.ours() as away:
        assert await anna.submit("/own-way/", text="One layer") == 200
        assert await heard(own) == {"own": "One layer"}
        assert await rung(near) == await rung(away) == "One layer"
        assert await anna.submit("/orders/", text="And no other") == 200
        assert await rings_but_for(near, "And no other") == await rings_but_for(away, "And no other") == []


async def test_over_our_layer_groups_cross_by_redis_and_only_they_wait_for_it(ours: Lobby) -> None:
    anna, ben = people(ours)
    async with anna.chat("far") as one, ben.chat("far") as other, ben.ours() as away:
        await say(one, text="Over there")
        assert await heard(one) == await heard(other) == {"text": "Over there", "by": "anna"}
        ours.broker.kill()
        await say(one, text="Over here")
        assert await heard(one) == {"text": "Over here", "by": "anna"}
        assert await ben.submit("/orders/", text="Without Redis") == 200
        assert await rung(away) == "Without Redis"
        ours.broker.start()
        # What was said meanwhile is lost to the other process, as with any layer; what is said once it is back is not.
        while True:
            await say(one, text="Back")
            assert (await heard(one))["text"] == "Back"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    assert await heard(other) == {"text": "Back", "by": "anna"}
                    break
