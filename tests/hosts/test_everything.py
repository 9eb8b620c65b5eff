"""Everything at once: two processes of the ready-made server on PostgreSQL and Redis, Channels' API, every dialect, one person."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from carillon.jobs.sweeps import registered_sweeps
from tests.dialects.bell.bell import SAMPLE
from tests.support import postgres, processes, redis
from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

_IN_A_SHELL = """
from types import SimpleNamespace
from django.contrib.auth import get_user_model
target_user = get_user_model().objects.get(username="alice")
message, chat_room = SimpleNamespace(id=789), SimpleNamespace(id=456)
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    broker = redis.Server().start()
    shared = {
        "database_url": postgres.create_database(postgres.shared_url(), "everything"),
        "REDIS_URL": broker.url,
        "SECRET_KEY": secrets.token_urlsafe(50),
    }
    folder: Path = tmp_path_factory.mktemp("everything")
    here, there = Server(folder / "here", **shared).prepare(), Server(folder / "there", **shared)
    for server in (here, there):
        server.start()
    yield here, there
    logs = [server.tail(1_000_000) for server in (here, there)]
    for server in (here, there):
        server.kill()
    broker.remove()
    assert not [log for log in logs if "Traceback" in log], logs


class Bell:
    """A socket of source 000 that keeps what it hears."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []

    async def until(self, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first frame from now on that matches."""
        async with asyncio.timeout(15):
            while True:
                self.frames.append(json.loads(await self.socket.recv()))
                if matches(self.frames[-1]):
                    return self.frames[-1]

    async def rung(self, title: str) -> dict[str, Any]:
        """It rings with this title."""
        return await self.until(lambda frame: frame.get("notification", {}).get("title") == title)

    async def counted(self, unread: int) -> None:
        """It is told this count."""
        await self.until(lambda frame: frame == {"type": "unread_count", "unread_count": unread})

    def titles(self) -> list[str]:
        """What rang, in order."""
        return [frame["notification"]["title"] for frame in self.frames if frame["type"] == "notification"]


class Tabs:
    """Alice with a native socket and a bell at each of the two servers."""

    def __init__(self, servers: tuple[Server, Server]) -> None:
        self.here, self.there = servers
        self.token = self.here.login("alice")
        self.natives: list[NativeSocket] = []
        self.bells: list[Bell] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Tabs]:
        """Open them all."""
        offered = [Subprotocol("carillon.bell"), Subprotocol(f"bearer.{self.token}")]
        async with contextlib.AsyncExitStack() as stack:
            for server in (self.here, self.there):
                native = open_socket(server.socket_url, bearer=self.token)
                self.natives.append(await stack.enter_async_context(native))
                bell = connect(f"{server.socket_url}notifications/", subprotocols=offered, ping_interval=None)
                self.bells.append(Bell(await stack.enter_async_context(bell)))
            yield self

    async def all_hear(self, title: str) -> dict[str, Any]:
        """Each socket rings with this title, and all tell the same of it."""
        event = await self.natives[0].until(lambda frame: _title(frame) == title, seconds=15)
        await self.natives[1].until(lambda frame: _title(frame) == title, seconds=15)
        told: dict[str, Any] = event["data"]["notification"]
        for bell in self.bells:
            frame = await bell.rung(title)
            assert frame["notification"]["id"] == told["id"]
            assert frame["unread_count"] == event["data"]["inbox"]["unread"]
        return told

    async def all_told(self, unread: int) -> None:
        """Each socket is told that so many are unread now."""
        for native in self.natives:
            await native.until(lambda frame: frame.get("data", {}).get("inbox", {}).get("unread") == unread)
        for bell in self.bells:
            await bell.counted(unread)

    def heard(self) -> list[list[str]]:
        """The titles that rang, socket by socket."""
        natives = [[_title(frame) for frame in native.events if _title(frame)] for native in self.natives]
        return [*natives, *(bell.titles() for bell in self.bells)]

    async def rest(self, method: str, path: str) -> Any:
        """What REST at the second server answers."""
        answer = await asyncio.to_thread(self.there.request, method, path, token=self.token)
        assert answer.status == 200, answer.raw
        return answer.json


def _title(frame: dict[str, Any]) -> str:
    is_ringing = frame.get("type") == "notification.created"
    return str(frame["data"]["notification"]["title"]) if is_ringing else ""


@covers("000-17", "000-19", "000-22", "000-36", "001-04")
async def test_whatever_notifies_rings_each_socket_once(servers: tuple[Server, Server]) -> None:
    async with Tabs(servers).open() as tabs:
        ring = {"username": "alice", "title": "By REST", "message": ""}
        await asyncio.to_thread(tabs.here.request, "POST", "/api/v1/demo/ring/", ring, token=tabs.token)
        await tabs.all_hear("By REST")
        await asyncio.to_thread(tabs.here.carillon, "notify", "alice", "By a command")
        await tabs.all_hear("By a command")
        await asyncio.to_thread(tabs.here.carillon, "shell", "-v0", "-c", _IN_A_SHELL + SAMPLE)
        told = await tabs.all_hear("Nouveau message")
        ring["title"] = "The last"
        await asyncio.to_thread(tabs.there.request, "POST", "/api/v1/demo/ring/", ring, token=tabs.token)
        await tabs.all_hear("The last")
        rung = ["By REST", "By a command", "Nouveau message", "The last"]
        assert tabs.heard() == [rung] * 4
        listed = [await tabs.rest("GET", path) for path in ("/notifications/", "/api/notifications/")]
        listed.append((await tabs.rest("GET", "/api/v1/notifications/"))["results"])
        for rows in listed:
            assert [row["title"] for row in rows][:4] == rung[::-1]
            assert rows[1]["id"] == told["id"]


@covers("000-10", "000-15", "000-23", "001-04", "001-05")
async def test_what_is_read_in_one_is_read_in_all(servers: tuple[Server, Server]) -> None:
    async with Tabs(servers).open() as tabs:
        ids = []
        for number in range(4):
            ring = {"username": "alice", "title": f"No. {number}", "message": ""}
            await asyncio.to_thread(tabs.here.request, "POST", "/api/v1/demo/ring/", ring, token=tabs.token)
            ids.append((await tabs.all_hear(f"No. {number}"))["id"])
        unread = (await tabs.rest("GET", "/api/notifications/unread-count/"))["unread_count"]

        await tabs.natives[0].write("notification.read", {"ids": [ids[0]]})
        await tabs.all_told(unread - 1)
        await tabs.bells[1].socket.send(json.dumps({"type": "mark_read", "notification_id": ids[1]}))
        await tabs.all_told(unread - 2)
        assert (await tabs.rest("POST", f"/api/notifications/{ids[2]}/read/"))["unread_count"] == unread - 3
        await tabs.all_told(unread - 3)
        await tabs.rest("POST", f"/notifications/{ids[3]}/read/")
        await tabs.all_told(unread - 4)

        for path in ("/notifications/", "/api/notifications/"):
            rows = {row["id"]: row["is_read"] for row in await tabs.rest("GET", path)}
            assert all(rows[id] for id in ids)
        assert (await tabs.rest("GET", "/notifications/unread-count/"))["unread_count"] == unread - 4
        assert (await tabs.rest("GET", "/api/v1/notifications/inbox/"))["inbox"]["unread"] == unread - 4


@covers("001-10", "001-13")
def test_background_work_runs_by_itself_in_the_server(servers: tuple[Server, Server]) -> None:
    assert all(sweep.every <= 60 for name, sweep in registered_sweeps().items() if name.startswith("notifications."))
    with psycopg.connect(servers[0].environment["DATABASE_URL"], autocommit=True) as connection:

        def one(query: str) -> Any:
            (row,) = connection.execute(query.encode()).fetchall()
            return row[0]

        bruno = "(SELECT id FROM auth_user WHERE username = 'bruno')"
        table = "carillon_notifications_notification"
        connection.execute(f"INSERT INTO {table} (user_id, title) VALUES ({bruno}, 'Nobody asks')".encode())
        query = f"SELECT count(*) FROM {table} WHERE title = 'Nobody asks' AND announced_at IS NOT NULL"
        processes.wait_for(lambda: one(query) == 1, "the row to be announced")
        slept = f"UPDATE {table} SET snoozed_until = now() WHERE title = 'Nobody asks' RETURNING number"
        number = one(slept)
        woken = (
            f"SELECT count(*) FROM {table} WHERE title = 'Nobody asks' AND snoozed_until IS NULL AND number > {number}"
        )
        processes.wait_for(lambda: one(woken) == 1, "the snooze to end")
