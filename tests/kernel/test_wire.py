"""RFC 6455 on the wire: whatever the pieces, the same messages; whatever is wrong, the right code."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.utils import get_local_addr, get_remote_addr
from websockets.frames import Close, Frame, Opcode

from carillon.realtime.wire.framing import BINARY, CLOSE, PING, PONG, TEXT, close_frame, framed
from carillon.realtime.wire.parser import Message, Parser, unmasked
from carillon.realtime.wire.upgrade import BadUpgrade, accept_of, ends_of, read_upgrade, response
from tests.support.covers import covers

MOST = 1000


def sent(opcode: int, payload: bytes, *, is_final: bool = True, flags: int = 0, masked: bool = True) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    head = bytes([(0x80 if is_final else 0) | flags | opcode])
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    mask = b"\x01\x02\x03\x04"
    return head + mask + unmasked(mask, payload)


def heard(data: bytes, *, cuts: list[int] | None = None) -> tuple[list[Message], int | None]:
    """What a parser makes of it, in these pieces, and the code that fails the connection."""
    parser, found = Parser(MOST), []
    ends = [0, *sorted(cuts or []), len(data)]
    for start, end in pairwise(ends):
        found += parser.feed(data[start:end])
    return found, parser.violation.code if parser.violation else None


_text = st.text(max_size=60).map(lambda text: [(TEXT, text.encode())])
_binary = st.binary(max_size=200).map(lambda data: [(BINARY, data)])
_control = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125)).map(lambda frame: [frame])


@st.composite
def _dialogue(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Messages, some in fragments with control frames between them, as bytes and as what they mean."""
    data, meant = b"", []
    for ((opcode, payload),) in draw(st.lists(st.one_of(_text, _binary, _control), max_size=8)):
        cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3))) if opcode < CLOSE else []
        pieces = [payload[start:end] for start, end in pairwise([0, *cuts, len(payload)])]
        for number, piece in enumerate(pieces):
            data += sent(opcode if number == 0 else 0, piece, is_final=number == len(pieces) - 1)
            if number < len(pieces) - 1 and draw(st.booleans()):
                data += sent(PING, b"between")
                meant.append((PING, b"between"))
        meant.append((opcode, payload))
    return data, meant


@given(_dialogue(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_the_pieces_in_which_it_comes_change_nothing(
    dialogue: tuple[bytes, list[tuple[int, bytes]]], chance: random.Random
) -> None:
    data, meant = dialogue
    cuts = [chance.randint(0, len(data)) for _ in range(chance.randint(0, 20))]
    found, violation = heard(data, cuts=cuts)
    assert violation is None
    assert [(each.opcode, each.text.encode() if each.opcode == TEXT else each.data) for each in found] == meant


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_nonsense_never_raises(data: bytes) -> None:
    _, code = heard(data)
    assert code in (None, 1002, 1007, 1009)


@covers("004-27")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sent(TEXT, b"x", masked=False), 1002),
        (sent(TEXT, b"x", flags=0x40), 1002),
        (sent(TEXT, b"x", flags=0x10), 1002),
        (sent(3, b""), 1002),
        (sent(0xB, b""), 1002),
        (sent(PING, b"", is_final=False), 1002),
        (sent(PING, b"x" * 126), 1002),
        (sent(0, b"x"), 1002),
        (sent(TEXT, b"a", is_final=False) + sent(TEXT, b"b"), 1002),
        (sent(CLOSE, b"\x03"), 1002),
        (sent(CLOSE, b"\x03\xed"), 1002),
        (sent(CLOSE, b"\x00\x00"), 1002),
        (sent(CLOSE, b"\x03\xe8\xff"), 1007),
        (sent(TEXT, b"\xff"), 1007),
        (sent(TEXT, b"\xed\xa0\x80"), 1007),
        (sent(TEXT, b"\xc3", is_final=False) + sent(0, b"\x28", is_final=False), 1007),
        (sent(TEXT, b"ok\xc3"), 1007),
        (sent(TEXT, b"x" * (MOST + 1))[:8], 1009),
        (b"\x81\xff" + b"\xff" * 8, 1009),
        (sent(BINARY, b"x" * MOST, is_final=False) + sent(0, b"x"), 1009),
    ],
)
def test_what_is_wrong_fails_with_its_code_as_soon_as_it_shows(data: bytes, code: int) -> None:
    assert heard(data)[1] == code


def test_a_hundred_thousand_fragments_are_bounded_by_their_sum() -> None:
    parser = Parser(MOST)
    parser.feed(sent(TEXT, b"", is_final=False))
    assert parser.feed(sent(0, b"", is_final=False) * 100_000) == []
    assert parser.feed(sent(0, b"x", is_final=False) * MOST) == [] and parser.violation is None
    parser.feed(sent(0, b"x", is_final=False))
    assert parser.violation is not None and parser.violation.code == 1009


def test_after_a_close_or_a_violation_nothing_is_taken() -> None:
    parser = Parser(MOST)
    assert parser.feed(sent(CLOSE, b"\x03\xe8bye") + sent(TEXT, b"late")) == [Message(CLOSE, text="bye", code=1000)]
    assert parser.feed(sent(TEXT, b"later")) == []
    assert parser.violation is None
    broken = Parser(MOST)
    assert broken.feed(sent(TEXT, b"good") + sent(3, b"")) == [Message(TEXT, text="good")]
    assert broken.feed(sent(TEXT, b"late")) == []


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 100_000])
def test_frames_are_those_of_another_implementation(size: int) -> None:
    payload = bytes(index % 251 for index in range(size))
    for opcode in (TEXT, BINARY):
        assert framed(payload, opcode) == Frame(Opcode(opcode), payload).serialize(mask=False)


def test_a_close_frame_has_a_code_and_a_reason_that_fits() -> None:
    assert close_frame(None) == b"\x88\x00"
    assert close_frame(1012, "bye") == Frame(Opcode.CLOSE, Close(1012, "bye").serialize()).serialize(mask=False)
    long = close_frame(4000, "é" * 100)
    assert long[1] <= 125 and long[4:].decode() == "é" * 61


# The example of RFC 6455 1.3.
_REQUEST = (
    b"GET /chat?x=%C3%A9 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)


def test_the_upgrade_of_the_rfc() -> None:
    upgrade = read_upgrade(_REQUEST)
    assert upgrade.target == b"/chat?x=%C3%A9" and upgrade.subprotocols == ["chat", "superchat"]
    assert accept_of(upgrade.key) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    answer = upgrade.accepted("chat", [(b"x-kept", b"1")])
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n") and answer.endswith(b"\r\n\r\n")
    assert b"\r\nSec-WebSocket-Protocol: chat\r\nx-kept: 1\r\n" in answer


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"GET ", b"POST ", b"400"),
        (b"HTTP/1.1", b"HTTP/1.0", b"400"),
        (b"Version: 13", b"Version: 8", b"426"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"c2hvcnQ=", b"400"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"not base64!", b"400"),
        (b"Sec-WebSocket-Key", b"X-Key", b"400"),
    ],
)
def test_what_is_no_upgrade_is_refused_in_words(old: bytes, new: bytes, status: bytes) -> None:
    with pytest.raises(BadUpgrade) as refused:
        read_upgrade(_REQUEST.replace(old, new))
    first, *_ = refused.value.response.split(b"\r\n")
    assert first.split()[1] == status
    assert (b"sec-websocket-version: 13" in refused.value.response) == (status == b"426")


class Transport:
    """A transport of this socket, as far as it is asked where it ends."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def get_protocol(self) -> Any:
        return None

    def get_extra_info(self, name: str) -> Any:
        return self.end if name == "socket" else None


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX])
def test_both_ends_are_those_that_uvicorn_tells_and_the_socket_lives_on(family: socket.AddressFamily) -> None:
    if family == socket.AF_UNIX:
        here, there = socket.socketpair(family)
    else:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            there = socket.create_connection(listening.getsockname())
            here, _ = listening.accept()
    with here, there:
        transport = cast(asyncio.Transport, Transport(here))
        told = {"scheme": "ws", "server": get_local_addr(transport), "client": get_remote_addr(transport)}
        assert ends_of(transport) == told
        here.sendall(b"still")
        assert there.recv(5) == b"still"


def test_a_response_has_a_length_and_closes() -> None:
    assert response(403, [(b"X-Why", b"no")], b"") == (
        b"HTTP/1.1 403 Forbidden\r\nx-why: no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
