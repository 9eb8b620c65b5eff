"""Carillon in a host that is served by daphne, from its own command and as the host's `runserver`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.host import Host, Visitor, project
from tests.support.covers import covers
from tests.support.sockets import open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]


@pytest.fixture(scope="module", params=["daphne", "runserver"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(project("daphne"), "served", tmp_path_factory.mktemp("daphne")).prepare("anna").serve(request.param)
    yield host
    host.kill()


@pytest.fixture
def token(host: Host) -> str:
    with Visitor(host) as visitor:
        answer = visitor.post("/api/v1/auth/login/", json={"username": "anna", "password": "secret"})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access"])


@covers("000-02", "000-03", "000-36", "000-43", "001-39")
async def test_sign_in_hello_ring(host: Host, token: str) -> None:
    with Visitor(host) as anna:
        anna.sign_in("anna")
        async with open_socket(host.socket_url(), bearer=token) as socket:
            assert socket.connection.subprotocol == "carillon.v1"
            await asyncio.to_thread(anna.submit, "/orders/", text="By daphne")
            event = await socket.next("notification.created")
            assert event["data"]["notification"]["title"] == "By daphne"
            reply = await socket.write("notification.read", {"ids": [event["data"]["notification"]["id"]]})
            assert reply["inbox"]["unread"] == event["data"]["inbox"]["unread"] - 1
        headers = {"Authorization": f"Bearer {token}"}
        assert anna.get("/api/v1/notifications/inbox/", headers=headers).json()["inbox"] == reply["inbox"]


@pytest.mark.parametrize(
    ("offer", "frame", "code", "slug"),
    [
        ({"bearer": "nonsense"}, None, 4002, "token_invalid"),
        ({"ticket": "nonsense"}, None, 4002, "token_invalid"),
        ({}, '{"type": "ping", "ref": "1"}', 4000, "unauthenticated"),
        ({"subprotocols": ["carillon.v9"]}, None, 4005, "unsupported_version"),
        # daphne cannot send 1003.
        ({}, b"bytes", 4003, "unsupported_media"),
    ],
)
async def test_the_client_sees_why_it_was_refused(
    host: Host, offer: dict[str, str], frame: str | bytes | None, code: int, slug: str
) -> None:
    async with open_socket(host.socket_url(), greeted=False, **offer) as socket:  # type: ignore[arg-type]
        if frame is not None:
            await socket.send(frame)
        assert await socket.closed() == code
        assert [(error["code"], error["fatal"]) for error in socket.errors] == [(slug, True)]


async def test_an_unknown_address_is_refused_in_words_too(host: Host, token: str) -> None:
    async with open_socket(host.socket_url("/elsewhere/"), bearer=token, greeted=False) as socket:
        assert await socket.closed() == 4001


async def test_what_another_process_writes_is_swept_up(host: Host, token: str) -> None:
    async with open_socket(host.socket_url(), bearer=token) as socket:
        await asyncio.to_thread(host.manage, "carillon_notify", "anna", "From a shell")
        event = await socket.next("notification.created", seconds=8)
        assert event["data"]["notification"]["title"] == "From a shell"


async def test_rows_of_the_hosts_own_are_announced_by_the_embedded_runner(host: Host, token: str) -> None:
    row = "from carillon.notifications.models import Notification as N; N.objects.create(user_id=1, title='By the ORM')"
    async with open_socket(host.socket_url(), bearer=token) as socket:
        await asyncio.to_thread(host.manage, "shell", "-c", row)
        event = await socket.next("notification.created", seconds=8)
        assert event["data"]["notification"]["title"] == "By the ORM"


async def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    host = Host(project("daphne"), "served", tmp_path).prepare("anna").serve("daphne")
    try:
        with Visitor(host) as anna:
            anna.sign_in("anna")
            async with open_socket(host.socket_url(), cookie=anna.cookie, origin=host.url) as socket:
                await asyncio.to_thread(host.stop)
                assert await socket.closed() is not None
        assert "Traceback" not in host.tail(), host.tail()
    finally:
        host.kill()
