"""The bell's socket beyond its frames: who may enter, in which dialect, how it ends, and where events come from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.dialects.bell.bell import Someone, bell_url, end_of, heard
from tests.dialects.serving import serving
from tests.support.covers import covers
from tests.support.server import Server

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module", params=["uvicorn", "uvicorn-asgi"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(request.param, tmp_path_factory.mktemp("host"), "tests.dialects.bell.host_settings") as server:
        yield server


@pytest.fixture
def someone(host: Server) -> Someone:
    return Someone(host)


@covers("000-17", "004-11")
async def test_every_credential_of_the_documents_opens_it(host: Server, someone: Someone) -> None:
    session = host.request("POST", "/host/people/", {"names": [someone.name], "session": True})
    cookie = {"Cookie": session.headers["set-cookie"].partition(";")[0]}
    ticket = host.request("POST", "/api/v1/auth/ticket/", {}, token=someone.token).json["ticket"]
    for opening in (
        connect(f"{bell_url(host)}?dialect=bell&token={someone.token}"),
        connect(bell_url(host), subprotocols=[Subprotocol("carillon.bell"), Subprotocol(f"ticket.{ticket}")]),
        connect(bell_url(host), additional_headers=cookie, origin=host.url),  # type: ignore[arg-type]
    ):
        async with opening as socket:
            await socket.send('{"type": "mark_all_read"}')
            assert await heard(socket) == {"type": "unread_count", "unread_count": 0}
    with pytest.raises(InvalidStatus):
        async with connect(bell_url(host), additional_headers=cookie, origin="https://evil.example"):  # type: ignore[arg-type]
            pass


async def test_a_declared_dialect_decides_and_one_that_is_not_spoken_is_refused(someone: Someone) -> None:
    async with someone.open(subprotocols=(), query="?dialect=bell") as socket:
        await socket.send('{"type": "mark_all_read"}')
        assert (await heard(socket))["type"] == "unread_count"
    for subprotocols, query in (((), "?dialect=native"), ((), "?dialect=klingon"), (("carillon.v1",), "")):
        async with someone.open(subprotocols=subprotocols, query=query) as socket:
            frame, code = await end_of(socket)
            assert (frame["type"], frame["code"], frame["fatal"], code) == ("error", "unsupported_version", True, 1008)


async def test_too_many_sockets_and_too_many_faults_end_with_codes_that_old_clients_know(someone: Someone) -> None:
    async with someone.open() as first, someone.open():
        async with someone.open() as third:
            frame, code = await end_of(third)
            assert (frame["code"], frame["retry_after"], code) == ("connection_limit", 30, 1008)
        for _ in range(6):
            await first.send('{"type": "dance"}')
        frame, code = await end_of(first)
        assert (frame["code"], frame["fatal"], code) == ("malformed", True, 4003)


async def test_who_is_signed_out_is_told_and_comes_back_no_more(host: Server, someone: Someone) -> None:
    async with someone.open() as socket:
        assert host.request("POST", "/api/v1/auth/logout-all/", {}, token=someone.token).status == 204
        frame, code = await end_of(socket)
        assert (frame["code"], frame["fatal"], code) == ("session_revoked", True, 4000)


async def test_a_position_that_became_void_sends_the_client_back_to_a_snapshot(host: Server, someone: Someone) -> None:
    async with someone.open() as socket:
        await asyncio.to_thread(host.carillon, "bump_epoch")
        frame, code = await end_of(socket)
        assert (frame["code"], code) == ("resync_required", 4010)


@covers("000-22")
async def test_every_door_that_changes_the_count_is_heard_by_the_bell(host: Server, someone: Someone) -> None:
    async with someone.open() as socket:
        await asyncio.to_thread(someone.run)
        id = (await heard(socket))["notification"]["id"]
        for path, count in (
            (f"{id}/read/", 0),
            (f"{id}/unread/", 1),
            (f"{id}/archive/", 0),
            (f"{id}/unarchive/", 0),
            (f"{id}/unread/", 1),
            ("read-all/", 0),
        ):
            answer = await asyncio.to_thread(
                host.request, "POST", f"/api/v1/notifications/{path}", {}, token=someone.token
            )
            assert await heard(socket) == {"type": "unread_count", "unread_count": count}, path
        stamp = {"stamp": answer.json["stamp"]}
        await asyncio.to_thread(
            host.request, "POST", "/api/v1/notifications/restore-unread/", stamp, token=someone.token
        )
        assert await heard(socket) == {"type": "unread_count", "unread_count": 1}


async def test_native_sockets_hear_nothing_that_was_meant_for_bells(host: Server, someone: Someone) -> None:
    code = (
        "from carillon.realtime.outbox import pass_on; from carillon.realtime.topic import user_topic\n"
        "pass_on(user_topic(target_user.pk), b'{\"type\": \"notification\"}', 'bell')"
    )
    offered = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{someone.token}")]
    async with connect(host.socket_url, subprotocols=offered) as native, someone.open() as bell:
        assert (await heard(native))["type"] == "hello"
        await asyncio.to_thread(someone.run, code)
        assert await heard(bell) == {"type": "notification"}
        await native.send(json.dumps({"type": "ping", "ref": "1", "data": {}}))
        assert (await heard(native))["type"] == "reply"
