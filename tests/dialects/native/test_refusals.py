"""Every close code and error slug of the native socket, provoked by a real client over a real server."""

from __future__ import annotations

import asyncio
import json
import socket as sockets_of_the_system
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.support.covers import covers
from tests.support.processes import wait_for
from tests.support.server import SOCKET_PATHS, Server, running
from tests.support.sockets import Refused, open_socket

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def strict(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(
        tmp_path_factory.mktemp("strict"),
        CARILLON_SOCKETS=request.param,
        PYTHONPATH=str(ROOT),
        DJANGO_SETTINGS_MODULE="tests.dialects.native.strict_settings",
    )
    with running(server):
        yield server


async def _refusal(server: Server, kind: str, data: dict[str, object], **options: str) -> Refused:
    async with open_socket(server.socket_url, bearer=server.login("alice")) as socket:
        with pytest.raises(Refused) as refused:
            await socket.command(kind, data, **options)
        await socket.command("ping")  # refusing a command closes nothing
        return refused.value


@covers("003-76")
async def test_a_settings_module_may_extend_the_servers_own(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        limits = socket.hello["limits"]
        assert (limits["burst"], limits["topics"], limits["frame_bytes"]) == (10, 2, 65_536)


def _last_words(frames: list[dict[str, object]]) -> tuple[object, object]:
    return frames[-1]["code"], frames[-1]["fatal"]


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("no.such.command", {}, "unknown_type"),
        ("notification.read", {}, "invalid"),
        ("notification.read", {"ids": "all"}, "invalid"),
        ("notification.read", {"ids": ["ffffffffffff"], "as": "bruno"}, "unknown_field"),
        ("notification.read", {"ids": ["ffffffffffff"]}, "not_found"),
        ("subscribe", {"topic": "user:2"}, "not_found"),
        ("subscribe", {"topic": "user:999999"}, "not_found"),
        ("subscribe", {"topic": "no such topic"}, "invalid"),
        ("authenticate", {"token": "nonsense"}, "token_invalid"),
    ],
)
@covers("004-30", "004-42")
async def test_a_refused_command_is_told_and_closes_nothing(
    strict: Server, kind: str, data: dict[str, object], code: str
) -> None:
    refused = await _refusal(strict, kind, data)
    assert refused.code == code
    assert refused.data["fatal"] is False
    assert refused.data["error"]


async def test_a_topic_of_another_and_a_missing_one_look_the_same(strict: Server) -> None:
    hidden = await _refusal(strict, "subscribe", {"topic": "user:2"})
    missing = await _refusal(strict, "subscribe", {"topic": "user:424242"})
    assert hidden.data == missing.data


async def test_a_key_used_for_something_else_is_a_mismatch(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        await socket.command("notification.seen", {"up_to": 1}, client_id="11111111-1111-4111-8111-111111111111")
        with pytest.raises(Refused) as refused:
            await socket.command("notification.seen", {"up_to": 2}, client_id="11111111-1111-4111-8111-111111111111")
        assert refused.value.code == "idempotency_mismatch"


async def test_an_open_socket_does_not_change_hands(strict: Server) -> None:
    refused = await _refusal(strict, "authenticate", {"token": strict.login("bruno")})
    assert refused.code == "identity_mismatch"


@covers("004-24", "004-25")
async def test_a_client_may_leave_with_1000_or_1001(strict: Server) -> None:
    for code in (1000, 1001):
        async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
            await socket.connection.close(code)
            assert await socket.closed() == code


async def test_1003_for_binary_frames(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        await socket.send(b'{"type": "ping", "ref": "1"}')
        assert await socket.closed() == 1003


async def test_1009_for_a_frame_over_the_limit_and_none_for_one_below(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        frame = json.dumps({"type": "ping", "ref": "x", "data": {}})
        await socket.send(frame + " " * (65_536 - len(frame)))
        await socket.command("ping")
        await socket.send(frame + " " * (65_537 - len(frame)))
        assert await socket.closed() == 1009


@covers("004-29")
async def test_4000_without_a_credential_in_time(strict: Server) -> None:
    async with open_socket(strict.socket_url) as socket:
        assert await socket.closed() == 4000
        assert _last_words(socket.errors) == ("auth_timeout", True)


async def test_4000_for_a_command_before_signing_in(strict: Server) -> None:
    async with open_socket(strict.socket_url) as socket:
        with pytest.raises(Refused) as refused:
            await socket.command("notification.seen", {"up_to": 1})
        assert (refused.value.code, refused.value.data["fatal"]) == ("unauthenticated", True)
        assert await socket.closed() == 4000


@covers("004-45")
async def test_4000_when_signed_out_everywhere(strict: Server) -> None:
    bearer = strict.login("admin")
    async with open_socket(strict.socket_url, bearer=bearer) as socket:
        assert strict.request("POST", "/api/v1/auth/logout-all/", {}, token=bearer).status == 204
        assert await socket.closed(seconds=6) == 4000
        assert _last_words(socket.errors) == ("session_revoked", True)


@covers("004-31")
@pytest.mark.parametrize("credential", [{"bearer": "nonsense"}, {"ticket": "nonsense"}])
async def test_4002_for_a_bad_credential(strict: Server, credential: dict[str, str]) -> None:
    async with open_socket(strict.socket_url, **credential, greeted=False) as socket:
        assert await socket.closed() == 4002
        assert _last_words(socket.errors) == ("token_invalid", True)
        assert not socket.hello


async def test_4002_for_a_ticket_used_twice(strict: Server) -> None:
    ticket = strict.request("POST", "/api/v1/auth/ticket/", {}, token=strict.login("alice")).json["ticket"]
    async with open_socket(strict.socket_url, ticket=ticket) as socket:
        assert socket.hello["person"]["id"]
    async with open_socket(strict.socket_url, ticket=ticket, greeted=False) as socket:
        assert await socket.closed() == 4002


@covers("004-52")
async def test_4002_when_the_token_expires_on_an_open_socket_unless_it_is_renewed(strict: Server) -> None:
    short = await asyncio.to_thread(strict.short_lived_token, "alice", 5)
    async with (
        open_socket(strict.socket_url, bearer=short) as forgetful,
        open_socket(strict.socket_url, bearer=short) as careful,
    ):
        renewed = await careful.command("authenticate", {"token": strict.login("alice")})
        assert renewed["person"]["id"] == careful.hello["person"]["id"]
        while not forgetful.is_closed:
            await forgetful.send({"type": "ping", "ref": "still here"})
            await careful.command("ping")
            await forgetful.wait_closed(1)
        assert forgetful.close_code == 4002
        assert _last_words(forgetful.errors) == ("token_expired", True)


@covers("004-11")
async def test_the_native_socket_takes_no_token_from_its_url(strict: Server) -> None:
    async with open_socket(f"{strict.socket_url}?token={strict.login('alice')}", greeted=False) as socket:
        assert await socket.closed() == 4000
        assert not socket.hello


@covers("004-32")
async def test_4003_after_some_frames_that_make_no_sense(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        faults = ["{", "[]", '{"type": "ping", "ref": "1", "ref": "2"}', "[" * 2000, '"\\ud800"', "NaN", "\u0000"]
        for number, fault in enumerate(faults, start=1):
            await socket.send(fault)
            frame = await socket.next("error")
            assert frame["data"]["code"] == "malformed"
            if number <= 5:
                assert frame["data"]["fatal"] is False
            else:
                assert frame["data"]["fatal"] is True
                break
        assert await socket.closed() == 4003


async def test_4005_without_our_subprotocol(strict: Server) -> None:
    async with open_socket(strict.socket_url, subprotocols=["carillon.v9"]) as socket:
        assert await socket.closed() == 4005
        assert _last_words(socket.errors) == ("unsupported_version", True)


async def test_an_unknown_address_is_refused_in_words(strict: Server) -> None:
    async with open_socket(f"{strict.socket_url}nowhere/", bearer=strict.login("alice"), greeted=False) as socket:
        assert await socket.closed() == 4001
        assert _last_words(socket.errors) == ("not_found", True)


@covers("004-44")
async def test_4006_for_one_connection_too_many(strict: Server) -> None:
    bearer = strict.login("bruno")
    opened = [open_socket(strict.socket_url, bearer=bearer) for _ in range(4)]
    for each in opened:
        await each.__aenter__()
    async with open_socket(strict.socket_url, bearer=bearer, greeted=False) as fifth:
        assert await fifth.closed() == 4006
        assert fifth.errors[-1]["retry_after"] >= 30
    for each in opened:
        await each.__aexit__(None, None, None)
    async with open_socket(strict.socket_url, bearer=bearer) as again:
        assert again.hello


async def test_429_for_one_stranger_too_many(strict: Server) -> None:
    opened = [open_socket(strict.socket_url) for _ in range(3)]
    for each in opened:
        await each.__aenter__()
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(strict.socket_url):
            pass
    assert refused.value.response.status_code == 429
    for each in opened:
        await each.__aexit__(None, None, None)


@covers("004-43")
async def test_too_fast_is_told_and_persisting_closes_4008(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        # Not many more than are needed: uvicorn's own sockets hear of our end only once they have read everything.
        for number in range(90):
            await socket.send({"type": "ping", "ref": f"p{number}", "data": {}})
        assert await socket.closed(seconds=30) == 4008
        codes = [error["code"] for error in socket.errors]
        assert set(codes) == {"rate_limited"}
        assert all(error["retry_after"] > 0 for error in socket.errors)
        assert [error["fatal"] for error in socket.errors] == [False] * (len(codes) - 1) + [True]


async def test_4009_for_a_slow_reader_who_then_resumes_without_loss(strict: Server) -> None:
    bearer = strict.login("alice")
    async with open_socket(strict.socket_url, bearer=bearer) as neighbour:
        start = neighbour.hello["position"]
        slow = await _open_and_read_nothing(strict, bearer)
        body = {"username": "alice", "title": "Long", "message": "\N{BELL}" * 8000}
        rung = 180  # at 32 KiB each: more than the system buffers for a socket, and then our bound
        for number in range(rung):
            answer = await asyncio.to_thread(strict.request, "POST", "/api/v1/demo/ring/", body, token=bearer)
            assert answer.status == 201
            await neighbour.next("notification.created")
            if number % 10 == 0:
                await neighbour.command("ping")
                await slow.send('{"type": "ping", "ref": "alive"}')
        await neighbour.wait_closed(2)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await slow.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4009
    async with open_socket(strict.socket_url, bearer=bearer) as again:
        await again.command("subscribe", {"topic": again.hello["user_topic"], "position": start})
        again.skip_to(again.replied_at)
        offsets = [(await again.next("notification.created"))["offset"] for _ in range(rung)]
        assert offsets == list(range(start["offset"] + 1, start["offset"] + 1 + rung))


async def _open_and_read_nothing(server: Server, bearer: str) -> ClientConnection:
    """A client whose buffers are small and who takes nothing out of them."""
    raw = sockets_of_the_system.socket()
    raw.setsockopt(sockets_of_the_system.SOL_SOCKET, sockets_of_the_system.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", server.port))
    raw.setblocking(False)
    offered = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{bearer}")]
    return await connect(
        server.socket_url, sock=raw, subprotocols=offered, max_queue=1, ping_interval=None, compression=None
    )


async def test_4012_after_silence(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        assert await socket.closed(seconds=8) == 4012
        assert _last_words(socket.errors) == ("heartbeat_timeout", True)


async def test_403_for_a_page_of_another_origin_that_rides_on_a_session_cookie(strict: Server) -> None:
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{strict.port}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(strict.socket_url, origin=origin, additional_headers={"Cookie": "sessionid=abc"}):
                pass
        assert refused.value.response.status_code == 403


async def test_1006_when_the_server_is_killed_and_1012_when_it_stops(strict: Server) -> None:
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        await asyncio.to_thread(strict.kill)
        assert await socket.closed() == 1006
    await asyncio.to_thread(strict.restart)
    async with open_socket(strict.socket_url, bearer=strict.login("alice")) as socket:
        await asyncio.to_thread(strict.stop)
        assert await socket.closed() == 1012
        drained = [frame for frame in socket.frames if frame["type"] == "drain"]
        assert drained[0]["data"]["reconnect_in"] >= 0
    await asyncio.to_thread(strict.restart)
    wait_for(lambda: strict.request("GET", "/healthz").status == 200, "the server to be back")
