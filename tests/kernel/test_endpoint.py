"""The endpoint against a server that does what servers do: clients that leave, strangers in crowds, faults of ours."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.test import override_settings

from carillon.realtime import endpoint as endpoints
from carillon.realtime import runtime
from carillon.realtime.dialect import Route
from carillon.realtime.endpoint import endpoint
from carillon.realtime.exchange import Exchange
from tests.kernel.fakes import FakeDialect
from tests.support.covers import covers

LIMITS = {"RUNNER": "none", "AUTH_DEADLINE": 60.0, "ANONYMOUS_PER_ADDRESS": 20}


@pytest.fixture(autouse=True)
async def process() -> AsyncIterator[runtime.Runtime]:
    """A runtime of this test's own."""
    with override_settings(CARILLON=LIMITS):
        await runtime.reset()
        yield runtime.current()
        await runtime.reset()


class Client:
    """One WebSocket as an ASGI server would bring it."""

    def __init__(
        self,
        *,
        path: str = "/ws/",
        address: str = "10.0.0.1",
        can_answer: bool = True,
        headers: dict[str, str] | None = None,
        subprotocols: tuple[str, ...] = ("carillon.v1",),
        routes: tuple[Route, ...] | None = None,
    ) -> None:
        self.sent: list[dict[str, Any]] = []
        self.inbound: asyncio.Queue[dict[str, Any] | Exception] = asyncio.Queue()
        self.inbound.put_nowait({"type": "websocket.connect"})
        self.has_left = False
        self.scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
            "subprotocols": [*subprotocols],
            "client": (address, 1),
            "extensions": {"websocket.http.response": {}} if can_answer else {},
        }
        self.task = asyncio.get_running_loop().create_task(endpoint(self.scope, self.receive, self.send, routes))

    async def receive(self) -> dict[str, Any]:
        message = await self.inbound.get()
        if isinstance(message, Exception):
            raise message
        return message

    async def send(self, message: dict[str, Any]) -> None:
        if self.has_left:
            raise OSError("the client has left")
        self.sent.append(message)

    def say(self, text: str) -> None:
        self.inbound.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        self.has_left = True
        self.inbound.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def ended(self) -> list[dict[str, Any]]:
        async with asyncio.timeout(10):
            await self.task
        return self.sent

    async def answered(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(10):
            while len(self.sent) < count:
                await asyncio.sleep(0)
        return self.sent


@covers("004-28")
async def test_a_fault_of_ours_is_told_and_closes_1011() -> None:
    client = Client()
    await client.answered(1)
    client.inbound.put_nowait(RuntimeError("a bug"))
    accepted, told, closed = await client.ended()
    assert accepted == {"type": "websocket.accept", "subprotocol": "carillon.v1"}
    assert json.loads(told["text"])["data"]["code"] == "internal"
    assert json.loads(told["text"])["data"]["fatal"] is True
    assert closed == {"type": "websocket.close", "code": 1011, "reason": "internal"}


async def test_a_client_that_leaves_in_the_middle_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    await client.answered(1)
    client.say("{")
    client.has_left = True
    await client.ended()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert runtime.current().connections == set()


async def test_strangers_of_one_address_are_counted_before_they_are_let_in() -> None:
    crowd = [Client() for _ in range(50)]
    elsewhere = Client(address="10.0.0.2")
    for client in (*crowd, elsewhere):
        await client.answered(1)
    firsts = [client.sent[0] for client in crowd]
    assert [first["type"] for first in firsts].count("websocket.accept") == 20
    assert {first["status"] for first in firsts if "status" in first} == {429}
    assert elsewhere.sent[0]["type"] == "websocket.accept"
    for client in crowd:
        client.leave()
    await asyncio.gather(*(client.ended() for client in crowd))
    assert (await Client().answered(1))[0]["type"] == "websocket.accept"
    assert runtime.current().anonymous["10.0.0.1"] == 1


async def test_who_brings_a_credential_does_not_pay_for_strangers() -> None:
    crowd = [Client() for _ in range(20)]
    for client in crowd:
        await client.answered(1)
    guest = Client()
    assert (await guest.answered(1))[0]["status"] == 429
    known = Client()
    known.scope["subprotocols"] = ["carillon.v1", "bearer.x.y.z"]
    assert (await known.answered(1))[0]["type"] == "websocket.accept"
    known.task.cancel()


@covers("004-27")
async def test_a_foreign_page_with_our_cookie_is_refused_with_403_or_with_1008_where_a_server_cannot() -> None:
    foreign = {"cookie": "sessionid=abc", "origin": "https://evil.example", "host": "example.org"}
    assert (await Client(headers=foreign).ended())[0]["status"] == 403
    assert await Client(can_answer=False, headers=foreign).ended() == [{"type": "websocket.close", "code": 1008}]


async def test_a_process_that_drains_lets_nobody_in() -> None:
    await runtime.current().start()
    client = Client()
    await client.answered(1)
    await runtime.current().drain()
    assert (await client.ended())[-1] == {"type": "websocket.close", "code": 1012, "reason": "service_restart"}
    assert json.loads(client.sent[1]["text"])["type"] == "drain"
    assert (await Client().ended())[0]["status"] == 503


async def test_sockets_that_come_together_wait_for_one_start() -> None:
    clients = [Client(address=f"10.0.1.{number}") for number in range(10)]
    for client in clients:
        await client.answered(1)
    ticking = [str(task.get_coro()).partition(" at ")[0] for task in runtime.current()._tasks]
    assert ticking and len(ticking) == len(set(ticking))


async def test_a_close_by_a_stopping_server_is_1001() -> None:
    client = Client()
    await client.answered(1)
    await runtime.reset()
    assert (await client.ended())[-1] == {"type": "websocket.close", "code": 1001, "reason": "going_away"}


class _Gate:
    """A sign-in that takes as long as the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened, self.has_entered = asyncio.Event(), False

        async def sign_in(_exchange: Exchange, _credential: object) -> None:
            await self.opened.wait()

        async def enter(_exchange: Exchange) -> None:
            self.has_entered = True

        monkeypatch.setattr(Exchange, "sign_in", sign_in)
        monkeypatch.setattr(Exchange, "enter", enter)


def _without_hello() -> Client:
    dialect = FakeDialect()
    dialect.signs_in_later = False
    return Client(subprotocols=("bearer.x.y.z",), routes=(Route(re.compile("/ws/"), dialect),))


async def test_without_a_hello_the_socket_is_accepted_once_it_hears_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = _Gate(monkeypatch)
    client = _without_hello()
    for _ in range(50):
        await asyncio.sleep(0)
    assert client.sent == []
    gate.opened.set()
    assert (await client.answered(1))[0]["type"] == "websocket.accept"
    assert gate.has_entered
    client.leave()
    await client.ended()


async def test_a_sign_in_that_takes_long_does_not_hold_up_the_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_ACCEPT_WITHIN", 0.01)
    gate = _Gate(monkeypatch)
    client = _without_hello()
    assert (await client.answered(1))[0]["type"] == "websocket.accept"
    assert not gate.has_entered
    gate.opened.set()
    client.leave()
    await client.ended()
    assert gate.has_entered
