"""Sockets without TLS in production: told and closed 1008, whoever asks; what a trusted proxy says counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from django.test import override_settings
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from carillon.realtime.handshake import is_insecure
from tests.support.covers import covers
from tests.support.server import SOCKET_PATHS, Server, running

BY_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def production(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(
        tmp_path_factory.mktemp("production"),
        CARILLON_SOCKETS=request.param,
        CARILLON_DEMO="",
        PUBLIC_URL="https://bells.example.org",
        FORWARDED_ALLOW_IPS="127.0.0.1",
    )
    with running(server):
        yield server


@covers("004-09", "004-27", "004-41")
@pytest.mark.serial
async def test_a_socket_without_tls_is_told_and_closed(production: Server) -> None:
    people = {"username": "alice", "password": "alice"}
    answer = await asyncio.to_thread(production.request, "POST", "/api/token/", people, headers=BY_TLS)
    bearer = Subprotocol(f"bearer.{answer.json['access']}")
    native = [Subprotocol("carillon.v1"), bearer]
    for path, offered in (("", native), ("chat/", [bearer]), ("conversations/1/", None), ("nowhere/", None)):
        for headers in ({}, {**BY_TLS, "X-Forwarded-Proto": "http"}):
            url = production.socket_url + path
            async with connect(url, subprotocols=offered, additional_headers=headers) as socket, asyncio.timeout(10):
                assert "insecure" in str(await socket.recv())
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
            assert (socket.close_code, socket.close_reason) == (1008, "insecure")
    async with connect(production.socket_url, subprotocols=native, additional_headers=BY_TLS) as socket:
        async with asyncio.timeout(10):
            assert json.loads(await socket.recv())["type"] == "hello"


@pytest.mark.parametrize(
    ("scheme", "said", "expected"),
    [
        ("ws", None, True),
        ("wss", None, False),
        # Without a setting nobody is believed who says it of themselves, but where the server says nothing.
        ("ws", "https", True),
        ("wss", "http", False),
        (None, None, False),
        (None, "http", True),
        (None, "https,http", False),
    ],
)
def test_the_server_says_how_a_socket_came(scheme: str | None, said: str | None, expected: bool) -> None:
    scope = {"headers": [(b"x-forwarded-proto", said.encode())] if said else [], "scheme": scheme}
    assert is_insecure(scope) is expected


@pytest.mark.parametrize(
    ("scheme", "said", "expected"),
    [
        ("ws", "https", False),
        ("wss", "http", True),
        ("ws", "https, http", False),
        ("ws", None, True),
        ("wss", None, False),
    ],
)
def test_a_proxy_that_django_believes_is_believed(scheme: str, said: str | None, expected: bool) -> None:
    scope = {"headers": [(b"x-forwarded-proto", said.encode())] if said else [], "scheme": scheme}
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert is_insecure(scope) is expected
