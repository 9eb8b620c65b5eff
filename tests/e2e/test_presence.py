"""Two servers with Redis between them: one is killed, one stops, Redis goes and comes back; who is left is told the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e import limited, seen
from tests.support import processes, redis
from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

pytestmark = pytest.mark.serial

# As in earnest, at a tenth of the time.
SHORT = {"PRESENCE_LEASE": 3.0, "PRESENCE_GRACE": 0.5, "PRESENCE_INTERVAL": 0.2}


@pytest.fixture
def between() -> Iterator[redis.Server]:
    server = redis.Server().start()
    yield server
    server.remove()


@pytest.fixture
def servers(make_server: Callable[..., Server], between: redis.Server) -> Iterator[tuple[Server, Server]]:
    """Two servers on the data of one folder."""
    options = {
        "REDIS_URL": between.url,
        **limited.environment(**limited.WIDE, **SHORT, PRESENCE_VISIBLE=seen.PATH),
    }
    here = make_server(**options).start()
    there = Server(here.folder, **options).start()
    yield here, there
    there.kill()


async def becomes(socket: NativeSocket, person: str, state: str) -> dict[str, Any]:
    """Wait until this is told of somebody; returns what was told."""
    while True:
        frame = await socket.next("presence.changed", seconds=30)
        for told in frame["data"]["people"]:
            if (told["id"], told["state"]) == (person, state):
                return dict(told)


async def watch(socket: NativeSocket, person: str) -> str:
    (told,) = (await socket.command("presence.watch", {"people": [person]}))["people"]
    return str(told["state"])


def is_offline(server: Server, person: str) -> bool:
    """What a server that holds none of the sockets says over REST, once it is true."""
    answer = server.request("GET", f"/api/v1/presence/?people={person}", token=server.login("alice"))
    assert answer.status == 200
    (told,) = answer.json["people"]
    return told["state"] == "offline" and told["last_seen"] is not None


@covers("004-03")
async def test_of_a_server_that_is_killed_everybody_is_offline_and_nobody_else(servers: tuple[Server, Server]) -> None:
    here, there = servers
    alice, bruno, admin = (here.login(name) for name in ("alice", "bruno", "admin"))
    async with open_socket(here.socket_url, bearer=alice) as mine, open_socket(there.socket_url, bearer=bruno) as phone:
        person = phone.hello["person"]["id"]
        # The lease is in the store before the hello is read, or a moment later.
        if await watch(mine, person) == "offline":
            await becomes(mine, person, "online")
        async with open_socket(here.socket_url, bearer=admin) as stays, open_socket(there.socket_url, bearer=admin):
            third = stays.hello["person"]["id"]
            await mine.command("presence.watch", {"people": [person, third]})
            await phone.command("presence.set", {"state": "away"})
            await becomes(mine, person, "away")
            await asyncio.to_thread(there.kill)
            told = await becomes(mine, person, "offline")
            assert told["last_seen"] is not None and told["username"] == "bruno"
            answer = await mine.command("presence.watch", {"people": [third]})
            # One of two devices died with the server, and nobody noticed.
            assert [each["state"] for each in answer["people"]] == ["online"]
            changes = [frame["data"]["people"] for frame in mine.frames if frame["type"] == "presence.changed"]
            assert not [
                each for people in changes for each in people if (each["id"], each["state"]) == (third, "offline")
            ]
        await asyncio.to_thread(processes.wait_for, lambda: is_offline(here, person), "the row to be written")


async def test_a_device_may_move_between_servers_and_redis_may_go_and_come_back(
    servers: tuple[Server, Server], between: redis.Server
) -> None:
    here, there = servers
    alice, bruno = here.login("alice"), here.login("bruno")
    async with open_socket(here.socket_url, bearer=alice) as mine:
        async with open_socket(there.socket_url, bearer=bruno) as first:
            person = first.hello["person"]["id"]
            if await watch(mine, person) == "offline":
                await becomes(mine, person, "online")
            before = len(mine.frames)
        async with open_socket(here.socket_url, bearer=bruno) as second:
            await second.command("presence.set", {"state": "away"})
            await becomes(mine, person, "away")
            changes = [frame["data"]["people"] for frame in mine.frames[before:] if frame["type"] == "presence.changed"]
            assert [each["state"] for people in changes for each in people] == ["away"]

            await asyncio.to_thread(between.kill)
            # Both are on this server, which knows its own.
            await second.command("presence.set", {"state": "online"})
            await becomes(mine, person, "online")
            async with open_socket(there.socket_url, bearer=alice) as far:
                assert await watch(far, person) in ("online", "offline")
                await asyncio.to_thread(between.start)
                if await watch(far, person) == "offline":
                    await becomes(far, person, "online")
                await second.command("presence.set", {"state": "away"})
                await becomes(far, person, "away")
        await becomes(mine, person, "offline")
