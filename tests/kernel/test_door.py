"""The door of a connection: what is plain means to uvicorn's own HTTP what it means to us, and all else is left to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.server import ServerState

from carillon.realtime.wire.http import Door, is_plain_upgrade
from carillon.realtime.wire.upgrade import BadUpgrade, read_upgrade

HEAD = (
    b"GET /ws/?dialect=native HTTP/1.1\r\nHost: example.org\r\nOrigin:https://example.org\r\nUpgrade: WebSocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: carillon.v1, bearer.abc\r\nX-Name: caf\xe9\r\n\r\n"
)


class Transport:
    """One end of a connection that remembers what was done with it."""

    def __init__(self) -> None:
        self.protocol: Any = None
        self.is_closed = False
        self.written = b""

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else None

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


class Taken:
    """In the place of our WebSocket: keeps the request that it was given."""

    def __init__(self, **_: Any) -> None:
        self.head = b""

    def connection_made(self, transport: Any) -> None:
        """Nothing is said before the request."""

    def data_received(self, data: bytes) -> None:
        self.head += data


class Rig:
    """What uvicorn makes a protocol of."""

    def __init__(self) -> None:
        self.config = uvicorn.Config("none:none", interface="asgi3", lifespan="off", log_config=None)
        self.config.loaded = True
        self.config.loaded_app = None
        self.config.ws_protocol_class = Taken  # type: ignore[assignment]
        self.state = ServerState()

    def hear(self, kind: Any, *pieces: bytes) -> Transport:
        """A connection that begins with this kind of protocol and hears these bytes."""
        transport = Transport()
        transport.protocol = kind(self.config, self.state, {})
        transport.protocol.connection_made(transport)
        for piece in pieces:
            transport.protocol.data_received(piece)
        return transport


@pytest.fixture
async def rig() -> Rig:
    """On a running loop, as protocols are made."""
    return Rig()


def _meaning(head: bytes) -> Any:
    try:
        return read_upgrade(head)
    except BadUpgrade as refused:
        return refused.response


def _changed(head: bytes) -> Iterator[bytes]:
    for at in range(len(head)):
        for other in (b"", b" ", b"\n", b"\r", b"\0", b"\t", b":", b",", b"\x80", b"a"):
            yield head[:at] + other + head[at + 1 :]


async def test_whatever_one_character_is_changed_to_uvicorn_reads_the_same_in_what_is_plain(rig: Rig) -> None:
    assert is_plain_upgrade(HEAD)
    plain = [head for head in _changed(HEAD) if is_plain_upgrade(head)]
    assert len(plain) > 500
    for head in plain:
        taken = rig.hear(AutoHTTPProtocol, head).protocol
        assert isinstance(taken, Taken), head
        assert _meaning(taken.head) == _meaning(head), head


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GET", b"POST"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"/ws/?", b"http://example.org/ws/?"),
        (b"Upgrade: WebSocket", b"Upgrade: h2c"),
        (b"keep-alive, Upgrade", b"keep-alive, not upgrade"),
        (b"X-Name: caf\xe9", b"Content-Length: 2"),
        (b"X-Name: caf\xe9", b"Transfer-Encoding: chunked"),
        (b"X-Name: caf\xe9", b"Expect: 100-continue"),
        (b"X-Name: caf\xe9", b"X-Name : x"),
        (b"X-Name: caf\xe9", b" folded: x"),
        (b"X-Name: caf\xe9\r\n", b"X-Name: x\n"),
        (b"X-Name: caf\xe9\r\n\r\n", b"X-Name: x\r\n"),
        (b"\xe9\r\n\r\n", b"e\r\n\r\nGET"),
    ],
)
async def test_what_is_not_plain_is_left_to_uvicorn(rig: Rig, old: bytes, new: bytes) -> None:
    assert HEAD.count(old) == 1
    assert not is_plain_upgrade(HEAD.replace(old, new))


async def test_a_plain_request_goes_straight_to_the_socket(rig: Rig) -> None:
    transport = rig.hear(Door, HEAD)
    assert isinstance(transport.protocol, Taken) and transport.protocol.head == HEAD
    assert not rig.state.connections


async def test_a_request_in_pieces_is_put_together_by_uvicorn(rig: Rig) -> None:
    transport = rig.hear(Door, HEAD[:100])
    assert isinstance(transport.protocol, AutoHTTPProtocol)
    transport.protocol.data_received(HEAD[100:])
    assert _meaning(transport.protocol.head) == _meaning(HEAD)


async def test_nonsense_is_answered_by_uvicorn(rig: Rig) -> None:
    assert rig.hear(Door, b"\x16\x03\x01 not HTTP\r\n\r\n").written.startswith(b"HTTP/1.1 400")


async def test_who_says_nothing_is_counted_until_it_goes_or_the_server_does(rig: Rig) -> None:
    silent, leaving = rig.hear(Door), rig.hear(Door)
    assert rig.state.connections == {silent.protocol, leaving.protocol}
    leaving.protocol.connection_lost(None)
    for each in list(rig.state.connections):
        each.shutdown()
    assert silent.is_closed and not leaving.is_closed
