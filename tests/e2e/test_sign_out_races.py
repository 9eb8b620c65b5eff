"""Signing out at any moment of connecting: whatever the order, no event of later reaches that session (GUARANTEES G11)."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

import pytest

from tests.e2e.limited import WIDE, environment
from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import Closed, NativeSocket, open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]

ROUNDS = 60
# One's own sessions are opened in the database: signing in so often would meet the limit on that.
_OPEN = (
    "from django.contrib.auth import get_user_model; from carillon.people.tokens import open_session; "
    "user = get_user_model().objects.get(username='{username}'); "
    "[print('TOKEN', open_session(user).access) for _ in range({count})]"
)


def sessions(server: Server, username: str, count: int) -> list[str]:
    """Access tokens of so many sessions of one person."""
    printed = server.carillon("shell", "-v0", "-c", _OPEN.format(username=username, count=count))
    return [line.split()[1] for line in printed.splitlines() if line.startswith("TOKEN ")]


class Round:
    """One session connects while it is signed out; a notification follows."""

    def __init__(self, server: Server, token: str, other: str, delay: float, path: str) -> None:
        self.server, self.token, self.other, self.delay, self.path = server, token, other, delay, path

    async def sign_out(self) -> None:
        await asyncio.sleep(self.delay)
        answer = await asyncio.to_thread(self.server.request, "POST", self.path, {}, token=self.token)
        assert answer.status == 204

    async def run(self) -> str:
        """Return how it ended: refused or cut; AssertionError when a later event arrived, or the socket stayed open."""
        async with open_socket(self.server.socket_url, bearer=self.token, greeted=False) as socket:
            signing_out = asyncio.create_task(self.sign_out())
            with contextlib.suppress(Closed):
                await socket.next("hello")
            await signing_out
            rung = await self.ring()
            # The sweep of connected people is allowed 5 s; the log itself is quicker.
            assert await socket.closed(seconds=6) in (4000, 4002)
            assert rung not in self.seen(socket), "an event of after the sign-out"
            return "cut" if socket.hello else "refused"

    async def ring(self) -> str:
        body = {"username": "bruno", "title": "Only for who is signed in", "message": ""}
        answer = await asyncio.to_thread(self.server.request, "POST", "/api/v1/demo/ring/", body, token=self.other)
        assert answer.status == 201
        rung: str = answer.json["id"]
        return rung

    @staticmethod
    def seen(socket: NativeSocket) -> set[str]:
        created = (frame for frame in socket.events if frame["type"] == "notification.created")
        return {frame["data"]["notification"]["id"] for frame in created}


@covers("004-29")
async def test_one_session_signs_out_while_it_connects(make_server: Callable[..., Server]) -> None:
    server = make_server(**environment(**WIDE)).start()
    other, chance = server.login("alice"), random.Random(11)
    ends = [
        await Round(server, token, other, chance.uniform(0, 0.03), "/api/v1/auth/logout/").run()
        for token in sessions(server, "bruno", ROUNDS)
    ]
    assert ends.count("cut") > 5, "always too late is no race"
    assert "Traceback" not in server.tail(1_000_000)


_EVERYWHERE = (
    "from django.contrib.auth import get_user_model; from carillon.people import actions; "
    "from carillon.people.tokens import open_session; user = get_user_model().objects.get(username='bruno'); "
    "actions.sign_out_everywhere(user); print('TOKEN', open_session(user).access)"
)


async def test_signing_out_everywhere_cuts_the_old_session_and_not_the_new(make_server: Callable[..., Server]) -> None:
    server = make_server(**environment(**WIDE)).start()
    async with open_socket(server.socket_url, bearer=sessions(server, "bruno", 1)[0]) as old:
        # In another process, so that no hint reaches the server: the new one comes before the withdrawal is delivered.
        printed = await asyncio.to_thread(server.carillon, "shell", "-v0", "-c", _EVERYWHERE)
        async with open_socket(server.socket_url, bearer=printed.split("TOKEN ")[1].strip()) as new:
            assert await old.closed(seconds=6) == 4000
            assert not await new.wait_closed(6)
            assert await new.command("ping") == {}
