"""What an ASGI application may expect of a server's WebSocket: our protocol class does what uvicorn's does."""

from __future__ import annotations

import asyncio
import socket as system
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.support.processes import free_port

OURS = "carillon.realtime.wire.socket:WebSocket"
MOST = 65_536


class Application:
    """Does what the path says, and remembers how each connection ended."""

    def __init__(self) -> None:
        self.ends: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.scopes: list[dict[str, Any]] = []
        self.sent = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            self.scopes.append(scope)
            assert await receive() == {"type": "websocket.connect"}
            await getattr(self, scope["path"].strip("/"))(receive, send)

    async def echo(self, receive: Any, send: Any) -> None:
        accept = {"type": "websocket.accept", "subprotocol": "second", "headers": [(b"x-kept", b"1")]}
        await send(accept if self.scopes[-1]["subprotocols"] else {"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})
        await self.ends.put(message)

    async def refuse(self, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": 1008})

    async def answer(self, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain"), (b"retry-after", b"7")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"too ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"many"})

    async def leave(self, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "last words"})
        await send({"type": "websocket.close", "code": 4001, "reason": "bye"})

    async def fail(self, receive: Any, send: Any) -> None:
        raise RuntimeError("a bug")

    async def fail_later(self, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        raise RuntimeError("a bug")

    async def flood(self, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "text": "x" * 16_384})
                self.sent += 16_384
        except OSError:
            await self.ends.put(await receive())

    async def deaf(self, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()


class Host:
    """The application on a real port."""

    def __init__(self, implementation: str, **options: Any) -> None:
        self.application, self.port = Application(), free_port()
        config = uvicorn.Config(
            self.application,
            port=self.port,
            ws=implementation,
            ws_max_size=MOST,
            ws_per_message_deflate=False,
            log_config=None,
            lifespan="off",
            **{"timeout_graceful_shutdown": 2, **options},
        )
        self.server = uvicorn.Server(config)
        # Signals are the test runner's.
        self.serving = asyncio.get_running_loop().create_task(self.server._serve())

    async def ready(self) -> Host:
        async with asyncio.timeout(20):
            while not self.server.started:
                await asyncio.sleep(0.01)
        return self

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.serving

    def open(self, path: str, **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/{path}", compression=None, ping_interval=None, **options)


@pytest.fixture(params=[OURS, "websockets-sansio"], ids=["ours", "uvicorn"])
async def host(request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    made = await Host(request.param).ready()
    yield made
    await made.stop()


async def _heard(socket: ClientConnection) -> Any:
    async with asyncio.timeout(20):
        return await socket.recv()


async def _end_of(socket: ClientConnection) -> tuple[int | None, str]:
    async with asyncio.timeout(20):
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code, socket.close_reason or ""


async def test_text_and_bytes_come_and_go_whole_and_in_order(host: Host) -> None:
    async with host.open("echo") as socket:
        for message in ("é", b"\x00\xff", "", b"", "x" * 125, "x" * 126, b"y" * MOST, "ü" * (MOST // 2)):
            await socket.send(message)
            assert await _heard(socket) == message
        await socket.send(["in ", "", "pieces"])
        assert await _heard(socket) == "in pieces"
        for number in range(500):
            await socket.send(str(number))
        assert [await _heard(socket) for _ in range(500)] == [str(number) for number in range(500)]


async def test_the_scope_says_what_was_asked_for(host: Host) -> None:
    offered = [Subprotocol("first"), Subprotocol("second")]
    headers = {"X-Asked": "yes"}
    async with host.open("echo?a=b%20c", subprotocols=offered, additional_headers=headers) as socket:
        assert socket.subprotocol == "second"
        assert socket.response is not None and socket.response.headers["x-kept"] == "1"
    (scope,) = host.application.scopes
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/echo", b"/echo", b"a=b%20c")
    assert scope["subprotocols"] == offered and scope["scheme"] == "ws"
    assert (b"x-asked", b"yes") in scope["headers"]
    assert scope["client"][0] == "127.0.0.1" and scope["server"] == ("127.0.0.1", host.port)


async def test_refusals_before_an_accept_are_http(host: Host) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await host.open("refuse")
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        await host.open("answer")
    assert (refused.value.response.status_code, refused.value.response.body) == (429, b"too many")
    assert refused.value.response.headers["retry-after"] == "7"
    with pytest.raises(InvalidStatus) as refused:
        await host.open("fail")
    assert refused.value.response.status_code == 500


async def test_each_side_may_close_and_the_other_hears_the_code(host: Host) -> None:
    async with host.open("leave") as socket:
        assert await _heard(socket) == "last words"
        assert await _end_of(socket) == (4001, "bye")
    socket = await host.open("echo")
    await socket.close(4321, "enough")
    end = await asyncio.wait_for(host.application.ends.get(), 20)
    assert (end["type"], end["code"], end["reason"]) == ("websocket.disconnect", 4321, "enough")
    async with host.open("echo") as socket:
        socket.transport.abort()
        assert (await asyncio.wait_for(host.application.ends.get(), 20))["code"] in (1005, 1006)


async def test_what_the_protocol_forbids_ends_with_its_code(host: Host) -> None:
    async with host.open("echo") as socket:
        await socket.send("x" * (MOST + 1))
        assert (await _end_of(socket))[0] == 1009
    async with host.open("echo") as socket:
        socket.transport.write(b"\x81\x81\x00\x00\x00\x00\xff")
        assert (await _end_of(socket))[0] == 1007
    async with host.open("echo") as socket:
        socket.transport.write(b"\x81\x01x")
        assert (await _end_of(socket))[0] == 1002


async def test_pings_are_answered_between_messages(host: Host) -> None:
    async with host.open("echo") as socket:
        answer = await socket.ping(b"alive?")
        await asyncio.wait_for(answer, 20)


async def test_an_application_waits_for_a_client_that_does_not_read(host: Host) -> None:
    raw = system.socket()
    raw.setsockopt(system.SOL_SOCKET, system.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", host.port))
    raw.setblocking(False)
    slow = await host.open("flood", sock=raw, max_queue=1)
    async with host.open("echo") as neighbour:
        await neighbour.send("still here?")
        assert await _heard(neighbour) == "still here?"
        seen = -1
        while seen != host.application.sent:
            seen = host.application.sent
            await asyncio.sleep(0.3)
        assert seen < 16_777_216, "what a client does not read is not to pile up"
    slow.transport.abort()
    assert (await asyncio.wait_for(host.application.ends.get(), 20))["type"] == "websocket.disconnect"


@pytest.mark.parametrize("implementation", [OURS], ids=["ours"])
async def test_a_client_that_answers_no_ping_is_cut(implementation: str) -> None:
    host = await Host(implementation, ws_ping_interval=0.1, ws_ping_timeout=0.1).ready()
    async with host.open("echo") as lively:
        silent_reader, silent = await asyncio.open_connection("127.0.0.1", host.port)
        silent.write(
            b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert (await asyncio.wait_for(host.application.ends.get(), 20))["code"] == 1006
        told = await asyncio.wait_for(silent_reader.read(), 20)
        assert told.startswith(b"HTTP/1.1 101 ") and b"\x88\x18\x03\xf3keepalive ping timeout" in told
        silent.close()
        await lively.send("I do")
        assert await _heard(lively) == "I do"
    await host.stop()


async def test_when_the_server_stops_it_says_so(host: Host) -> None:
    async with host.open("echo") as socket:
        stopping = asyncio.get_running_loop().create_task(host.stop())
        assert (await _end_of(socket))[0] == 1012
    await stopping


async def test_of_a_deaf_application_no_more_is_read_than_it_may_take(host: Host) -> None:
    socket = await host.open("deaf")

    async def shout() -> None:
        while True:
            await socket.send("x" * 60_000)

    shouting = asyncio.get_running_loop().create_task(shout())
    done, _ = await asyncio.wait({shouting}, timeout=2)
    assert not done, "the client would be held up by a full socket"
    shouting.cancel()
    socket.transport.abort()


async def test_an_application_that_fails_or_ends_closes_what_it_opened(host: Host) -> None:
    async with host.open("fail_later") as socket:
        assert (await _end_of(socket))[0] in (1011, 1006)
