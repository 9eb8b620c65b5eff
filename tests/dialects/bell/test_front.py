"""`NotificationConsumer` and `ChatConsumer` in a Channels URLRouter, signed in by its middleware, beside one of the host's own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.dialects.bell.bell import Someone, bell_url, end_of, heard
from tests.dialects.chat import heard as said
from tests.dialects.chat import join, room_of, say
from tests.support.covers import covers
from tests.support.server import Server, running
from tests.support.tree import ROOT

pytestmark = pytest.mark.serial


class Routed(Server):
    """Served without `mount`, as a host that routes by hand serves itself."""

    @property
    def command(self) -> list[str]:
        uvicorn = Path(sys.executable).with_name("uvicorn")
        return [str(uvicorn), "tests.dialects.bell.routed_asgi:application", "--port", str(self.port)]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("routed")
    with running(Routed(folder, PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE="tests.dialects.host_settings")) as server:
        yield server


def cookie_of(person: Someone) -> dict[str, str]:
    answer = person.server.request("POST", "/host/people/", {"names": [person.name], "session": True})
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@covers("000-04", "000-18", "000-19")
async def test_our_front_and_the_hosts_own_consumer_ring_once_each(host: Server) -> None:
    person = await asyncio.to_thread(Someone, host)
    own = {"additional_headers": cookie_of(person), "origin": host.url}
    async with (
        connect(bell_url(host), **own) as bell,  # type: ignore[arg-type]
        connect(f"{host.socket_url}hosts-own/", **own) as consumer,  # type: ignore[arg-type]
    ):
        for where in ("view", "transaction"):
            await asyncio.to_thread(person.run, where=where)
            frame, said = await heard(bell), await heard(consumer)
            assert said == {"type": "hosts own", "id": frame["notification"]["id"]}
        await bell.send('{"type": "mark_all_read"}')
        assert await heard(bell) == {"type": "unread_count", "unread_count": 0}
    assert person.rung() == 2


@covers("000-05", "002-05")
async def test_the_chat_of_the_documents_stands_beside_it(host: Server) -> None:
    person = await asyncio.to_thread(Someone, host)
    room = await asyncio.to_thread(room_of, host, person)
    own = {"additional_headers": cookie_of(person), "origin": host.url}
    async with connect(f"{host.socket_url}chat/", **own) as chat:  # type: ignore[arg-type]
        await join(chat, room)
        await say(chat, "message", data={"room_id": room, "content": "Bonjour"}, user_id=int(person.id))
        assert (await said(chat))["data"]["content"] == "Bonjour"


async def test_a_token_counts_before_what_the_middleware_says(host: Server) -> None:
    person, other = [await asyncio.to_thread(Someone, host) for _ in range(2)]
    url = f"{bell_url(host)}?token={person.token}"
    async with connect(url, additional_headers=cookie_of(other), origin=host.url) as bell:  # type: ignore[arg-type]
        await asyncio.to_thread(person.run)
        assert (await heard(bell))["unread_count"] == 1


async def test_nobody_and_pages_of_other_sites_stay_outside(host: Server) -> None:
    async with connect(bell_url(host)) as stranger:
        frame, code = await end_of(stranger)
        assert (frame["code"], code) == ("unauthenticated", 4000)
    cookie = cookie_of(await asyncio.to_thread(Someone, host))
    with pytest.raises(InvalidStatus):
        async with connect(bell_url(host), additional_headers=cookie, origin="https://evil.example"):  # type: ignore[arg-type]
            pass


async def test_whoever_signs_out_at_the_host_is_cut(host: Server) -> None:
    person = await asyncio.to_thread(Someone, host)
    cookie = cookie_of(person)
    async with connect(bell_url(host), additional_headers=cookie, origin=host.url) as bell:  # type: ignore[arg-type]
        await asyncio.to_thread(host.request, "POST", "/host/sign-out/", {}, headers=cookie)
        frame, code = await end_of(bell)
        assert (frame["code"], code) == ("session_revoked", 4000)
