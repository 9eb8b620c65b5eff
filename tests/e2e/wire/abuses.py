"""What a client may send that no client should: the bytes after a handshake, and how each must end (GUARANTEES S3)."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

from tests.support.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

MOST = 65_536
# It lives on: the next command is answered.
ALIVE = 0


@dataclass(frozen=True)
class Abuse:
    """Bytes, and the codes that may end the connection; ALIVE where nothing was wrong enough."""

    name: str
    data: bytes
    ends: tuple[int, ...]


def part(opcode: int, payload: bytes = b"") -> bytes:
    """A frame that is not the last of its message."""
    return frame(opcode, payload, is_final=False)


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame with any code at all."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


def claimed(size: int, opcode: int = TEXT) -> bytes:
    """The head of a frame that says it is so long, and nothing of it."""
    return bytes([0x80 | opcode, 0xFF]) + size.to_bytes(8, "big") + b"\0\0\0\0"


def _framing() -> list[Abuse]:
    ping = b'{"type":"ping","ref":"x","data":{}}'
    found = [
        Abuse("text without a mask", frame(TEXT, ping, mask=None), (1002,)),
        Abuse("ping without a mask", frame(PING, b"x", mask=None), (1002,)),
        Abuse("continuation of nothing", frame(CONTINUATION, b"x"), (1002,)),
        Abuse("unfinished continuation of nothing", part(CONTINUATION, b"x"), (1002,)),
        Abuse("text inside a text", part(TEXT, b"a") + frame(TEXT, b"b"), (1002,)),
        Abuse("binary inside a text", part(TEXT, b"a") + frame(BINARY, b"b"), (1002,)),
        Abuse("ping in pieces", part(PING, b"x"), (1002,)),
        Abuse("close in pieces", part(CLOSE, b"\x03\xe8"), (1002,)),
        Abuse("long ping", frame(PING, b"x" * 126), (1002,)),
        Abuse("long pong", frame(PONG, b"x" * 126), (1002,)),
        Abuse("long close", frame(CLOSE, b"\x03\xe8" + b"x" * 124), (1002,)),
        Abuse("close with half a code", frame(CLOSE, b"\x03"), (1002,)),
        Abuse("close with a reason that is no text", close(1000, b"\xff"), (1007, 1002)),
    ]
    found += [Abuse(f"flag {flag:#x}", frame(TEXT, ping, flags=flag), (1002,)) for flag in (0x40, 0x20, 0x10, 0x70)]
    found += [Abuse(f"flag {flag:#x} on a ping", frame(PING, b"", flags=flag), (1002,)) for flag in (0x40, 0x10)]
    found += [Abuse(f"opcode {code:#x}", frame(code, b"x"), (1002,)) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)]
    wrong = (0, 999, 1004, 1005, 1006, 1015 + 1, 2999, 5000, 65_535)
    return found + [Abuse(f"close with {code}", close(code), (1002,)) for code in wrong]


def _texts() -> list[Abuse]:
    noise = {
        "a lone byte": b"\xff",
        "overlong": b"\xc0\x80",
        "a surrogate": b"\xed\xa0\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
        "cut short": b"caf\xc3",
        "UTF-16": '{"a": 1}'.encode("utf-16"),
    }
    found = [Abuse(f"text that is {name}", frame(TEXT, data), (1007,)) for name, data in noise.items()]
    return [
        *found,
        Abuse("text that breaks in its second piece", part(TEXT, b"\xc3") + frame(CONTINUATION, b"\x28"), (1007,)),
        Abuse("binary where text is spoken", frame(BINARY, b"{}"), (1003,)),
        Abuse("binary in pieces where text is spoken", part(BINARY, b"{") + frame(CONTINUATION, b"}"), (1003,)),
        Abuse("an empty binary where text is spoken", frame(BINARY), (1003,)),
    ]


def _sizes() -> list[Abuse]:
    byte = part(CONTINUATION, b"x")
    bomb = zlib.compressobj(9, wbits=-15)
    packed = bomb.compress(b" " * 60_000_000) + bomb.flush()
    return [
        Abuse("a byte too many", frame(TEXT, b" " * (MOST + 1)), (1009,)),
        Abuse("16 MiB", frame(TEXT, b"x" * 2**24), (1009,)),
        Abuse("16 MiB claimed", claimed(2**24), (1009,)),
        Abuse("all there is claimed", claimed(2**63 - 1), (1009,)),
        Abuse("more than there is claimed", claimed(2**64 - 1), (1009, 1002)),
        Abuse("16 MiB of binary claimed", claimed(2**24, BINARY), (1009,)),
        Abuse("a hundred thousand fragments of a byte", part(TEXT, b"x") + byte * 100_000, (1009,)),
        Abuse("a message that never ends", part(TEXT) + part(CONTINUATION, b"x" * 1000) * 70, (1009,)),
        Abuse("a bomb nobody agreed to unpack", frame(TEXT, packed, flags=0x40), (1002,)),
    ]


def _allowed() -> list[Abuse]:
    """Strange, and within the protocol: the connection lives."""
    ping = b'{"type":"ping","ref":"x","data":{}}'
    letters = b"".join(part(CONTINUATION, bytes([each])) for each in ping)
    return [
        Abuse("a mask of zeros", frame(TEXT, ping, mask=b"\0\0\0\0"), (ALIVE,)),
        Abuse("ten thousand pings", frame(PING, b"x" * 125) * 10_000, (ALIVE,)),
        Abuse("ten thousand pongs", frame(PONG, b"unasked") * 10_000, (ALIVE,)),
        Abuse("a letter a piece, pings between", part(TEXT) + letters + frame(PING) + frame(CONTINUATION), (ALIVE,)),
        Abuse("a hundred empty pieces", part(TEXT, ping) + part(CONTINUATION) * 100 + frame(CONTINUATION), (ALIVE,)),
        Abuse("half a frame", frame(TEXT, ping)[:7], (1006,)),
        Abuse("a close without a code", frame(CLOSE), (1005, 1000)),
        Abuse("a close, and more after it", close(1000, b"bye") + frame(TEXT, ping) * 100, (1000,)),
    ]


def _noise() -> list[Abuse]:
    chance = random.Random(6455)
    ends = (1002, 1003, 1007, 1009, 1000, 1005, 1006, 4003, ALIVE)
    found = [Abuse(f"noise {number}", chance.randbytes(4_096), ends) for number in range(12)]
    return [*found, Abuse("HTTP again", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", (1002,))]


ALL = [*_framing(), *_texts(), *_sizes(), *_allowed(), *_noise()]
