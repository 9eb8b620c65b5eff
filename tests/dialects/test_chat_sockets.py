"""The chat sockets of sources 002 and 004 beyond their frames: who may enter, how they end, and who hears what."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.dialects.bell.bell import Someone
from tests.dialects.chat import chat, conversation, end_of, heard, join, pinged, room_of, say, status_of
from tests.dialects.serving import serving
from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import open_socket
from tests.support.tree import ROOT

pytestmark = pytest.mark.serial

SETTINGS = "tests.dialects.chat_settings"


# What reaches the network by other servers too is in the dialogues.
@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("uvicorn", tmp_path_factory.mktemp("host"), SETTINGS) as server:
        yield server


@pytest.fixture
def john(host: Server) -> Someone:
    return Someone(host, "john")


@pytest.fixture
def jane(host: Server) -> Someone:
    return Someone(host, "jane")


async def _remove(owner: Someone, room: int, person: Someone) -> None:
    path = f"/api/v1/conversations/{room}/members/{person.id}/"
    answer = await asyncio.to_thread(owner.server.request, "DELETE", path, token=owner.token)
    assert answer.status < 300, answer.raw


# Source 002.


@covers("002-20")
async def test_who_shows_nothing_in_time_is_told_and_closed(host: Server) -> None:
    async with connect(f"{host.socket_url}chat/") as socket:
        frame, code = await end_of(socket)
        assert (frame["type"], frame["data"]["code"], frame["data"]["fatal"], code) == (
            "error",
            "auth_timeout",
            True,
            4000,
        )


@covers("002-20", "002-31")
async def test_a_page_of_ones_own_site_is_signed_in_by_its_cookie(host: Server, john: Someone) -> None:
    session = host.request("POST", "/host/people/", {"names": [john.name], "session": True})
    cookie = {"Cookie": session.headers["set-cookie"].partition(";")[0]}
    room, url = room_of(host, john), f"{host.socket_url}chat/"
    async with connect(url, additional_headers=cookie, origin=host.url) as socket:  # type: ignore[arg-type]
        await say(socket, "auth", data={"user_id": int(john.id)})
        await join(socket, room)
    with pytest.raises(InvalidStatus):
        async with connect(url, additional_headers=cookie, origin="https://evil.example"):  # type: ignore[arg-type]
            pass


async def test_a_token_in_the_address_is_none_where_the_document_asks_for_none(host: Server, john: Someone) -> None:
    async with connect(f"{host.socket_url}chat/?token={john.token}") as socket:
        await say(socket, "ping", data={})
        frame, code = await end_of(socket)
        assert (frame["data"]["code"], code) == ("unauthenticated", 4000)


@covers("002-21", "002-22", "002-33")
async def test_one_socket_hears_all_its_rooms_and_no_other(host: Server, john: Someone, jane: Someone) -> None:
    first, second, third = (room_of(host, john, jane) for _ in range(3))
    async with chat(john) as here, chat(jane) as there:
        await join(here, first)
        await join(here, second)
        for room in (third, second, first):
            await say(there, "message", data={"room_id": str(room), "content": f"In {room}"})
        assert [(await heard(here))["room_id"] for _ in range(2)] == [second, first]
        await pinged(here)
    async with chat(john) as again:
        await say(again, "message", data={"content": "Nobody listens"}, room_id=first)
        await pinged(again)
    assert '"WebSocket /ws/chat/" [accepted]' in host.tail(100_000)


@covers("002-18", "002-21")
async def test_who_is_removed_from_a_room_is_told_hears_nothing_more_of_it_and_stays_in_the_others(
    host: Server, john: Someone, jane: Someone
) -> None:
    left, kept = room_of(host, john, jane), room_of(host, john, jane)
    async with chat(john) as owner, chat(jane) as removed:
        await join(removed, left)
        await join(removed, kept)
        await _remove(john, left, jane)
        frame = await heard(removed)
        assert (frame["type"], frame["room_id"], frame["data"]["code"]) == ("error", left, "forbidden")
        for room in (left, kept):
            await say(owner, "message", data={"room_id": room, "content": "?"})
        assert (await heard(removed))["room_id"] == kept
        await say(removed, "message", data={"room_id": left, "content": "?"})
        assert (await heard(removed))["data"]["error"] == "Invalid room ID"
        await pinged(removed)


@covers("002-12", "002-17", "002-22")
async def test_who_leaves_is_gone_for_those_who_look(host: Server, john: Someone, jane: Someone) -> None:
    room = room_of(host, john, jane)
    async with chat(john) as here:
        await join(here, room)
        async with chat(jane) as there:
            await join(there, room)
            await status_of(here, jane, "online")
            await say(there, "user_status", data={"status": "away"}, user_id=int(jane.id))
            await status_of(here, jane, "away")
            await say(there, "user_status", data={"status": "dancing"})
            assert (await heard(there))["data"]["code"] == "invalid"
        gone = await status_of(here, jane, "offline")
        assert gone["data"]["last_seen"].endswith("Z")


@covers("002-18")
async def test_of_too_many_frames_without_sense_the_last_one_closes(john: Someone) -> None:
    async with chat(john) as socket:
        for _ in range(5):
            await socket.send("nonsense")
            assert (await heard(socket))["data"]["code"] == "malformed"
        await socket.send("nonsense")
        frame, code = await end_of(socket)
        assert (frame["data"]["fatal"], code) == (True, 4003)


# Source 004.


@covers("004-24", "004-25", "004-40")
@pytest.mark.parametrize("code", [1000, 1001])
async def test_who_leaves_in_an_orderly_way_is_let_go_with_the_same_code(
    host: Server, john: Someone, jane: Someone, code: int
) -> None:
    room = room_of(host, john, jane)
    async with conversation(john, room) as here:
        socket = await conversation(jane, room)
        await status_of(here, jane, "online")
        await socket.close(code)
        assert socket.close_code == code
        await status_of(here, jane, "offline")


@covers("004-27", "004-38", "004-44")
async def test_one_socket_too_many_closes_1008(host: Server, john: Someone) -> None:
    room = room_of(host, john)
    async with conversation(john, room), conversation(john, room), conversation(john, room), AsyncExitStack() as stack:
        frame, code = await end_of(await stack.enter_async_context(conversation(john, room)))
        assert (frame["code"], frame["fatal"], code) == ("connection_limit", True, 1008)


@covers("004-30", "004-42")
async def test_who_is_removed_while_connected_is_told_and_closed_4001(
    host: Server, john: Someone, jane: Someone
) -> None:
    room = room_of(host, john, jane)
    async with conversation(john, room) as owner, conversation(jane, room) as removed:
        await _remove(john, room, jane)
        await say(owner, "message", content="Nobody else hears this")
        frame, code = await end_of(removed)
        assert (frame["type"], frame["code"], frame["fatal"], code) == ("error", "forbidden", True, 4001)


@covers("004-32")
async def test_ten_faults_a_minute_close_4003(host: Server, john: Someone) -> None:
    async with conversation(john, room_of(host, john)) as socket:
        for _ in range(5):
            await say(socket, "dance")
            assert (await heard(socket))["code"] == "unknown_type"
        await say(socket, "dance")
        frame, code = await end_of(socket)
        assert (frame["code"], frame["fatal"], code) == ("malformed", True, 4003)


@covers("004-43")
async def test_who_sends_too_fast_is_told_when_to_go_on(host: Server, john: Someone) -> None:
    async with conversation(john, room_of(host, john)) as socket:
        for number in range(30):
            await say(socket, "message", content=f"Message {number}")
        frames = [await heard(socket) for _ in range(30)]
        refused = [frame for frame in frames if frame["type"] == "error"]
        assert {frame["code"] for frame in refused} == {"rate_limited"}
        assert all(frame["retry_after"] > 0 for frame in refused)


@covers("004-15", "004-05")
async def test_the_two_documents_talk_to_each_other(host: Server, john: Someone, jane: Someone) -> None:
    room = room_of(host, john, jane)
    async with chat(john) as two, conversation(jane, room) as four:
        await join(two, room)
        await say(four, "message", content="De 004", client_id="0b1ce2f6-0d5f-4e64-9d44-4f2d53a7f001")
        said, told = (await heard(two))["data"], (await heard(four))["message"]
        assert (said["id"], said["content"]) == (told["id"], told["content"])
        await say(four, "message", content="De 004", client_id="0b1ce2f6-0d5f-4e64-9d44-4f2d53a7f001")
        await say(two, "message", data={"room_id": room, "content": "From 002"})
        assert (await heard(four))["message"]["content"] == (await heard(two))["data"]["content"] == "From 002"
        # Source 002 has no word for a receipt.
        await say(four, "read_receipt", message_id=told["id"])
        await pinged(two)


@covers("000-35", "004-08", "004-20")
async def test_only_who_does_not_look_is_notified(host: Server, john: Someone, jane: Someone) -> None:
    room = room_of(host, john, jane)
    url = f"{host.socket_url}notifications/?token={jane.token}"
    async with (
        conversation(john, room) as there,
        connect(url) as bell,
        open_socket(host.socket_url, bearer=jane.token) as own,
    ):
        async with conversation(jane, room) as here:
            await say(there, "message", content="Seen")
            assert (await heard(here))["message"]["content"] == "Seen"
            # Her list and her notifications are told together: she looks until that is done.
            await own.until(lambda frame: frame["type"] == "conversation.touched" and '"Seen"' in json.dumps(frame))
        # That a page was left is known soon, not at once.
        for number in itertools.count():
            await say(there, "message", content=f"Not seen {number}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    frame = await heard(bell)
                break
        assert frame["notification"]["message"]["content"].startswith("Not seen")


@covers("000-35", "002-21")
async def test_of_every_room_that_one_joined_one_is_notified_of_nothing(
    host: Server, john: Someone, jane: Someone
) -> None:
    first, second, elsewhere = (room_of(host, john, jane) for _ in range(3))
    async with (
        chat(john) as there,
        chat(jane) as here,
        connect(f"{host.socket_url}notifications/?token={jane.token}") as bell,
    ):
        await join(here, first)
        await join(here, second)
        for room in (first, second, elsewhere):
            await say(there, "message", data={"room_id": room, "content": f"In {room}"})
        assert (await heard(bell))["notification"]["message"]["conversation_id"] == elsewhere


@covers("002-33", "002-35", "004-28")
async def test_a_fault_of_ours_closes_1011(tmp_path: Path) -> None:
    # Its log has the traceback, as it should: there Sentry and its like find it.
    server = Server(tmp_path, PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE=SETTINGS).prepare().start()
    try:
        john = await asyncio.to_thread(Someone, server)
        fault = "from carillon.dialects.dating.frames import ConversationDialect\ndel ConversationDialect.decode"
        async with conversation(john, room_of(server, john)) as socket:
            await asyncio.to_thread(john.run, fault)
            await say(socket, "message", content="?")
            frame, code = await end_of(socket)
            assert (frame["code"], frame["fatal"], code) == ("internal", True, 1011)
        assert "AttributeError" in server.tail()
    finally:
        server.kill()
