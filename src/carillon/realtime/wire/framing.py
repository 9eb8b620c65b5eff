"""Frames as bytes: what a server sends is never masked and never fragmented (RFC 6455 5.1, 5.4)."""

from __future__ import annotations

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# Those that may stand in a close frame (RFC 6455 7.4); the others are for observers, or nobody's.
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


def framed(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return ((0x80 | opcode) << 24 | 126 << 16 | size).to_bytes(4, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A close frame; without a code it is empty. The reason is cut to what fits, between characters."""
    if code is None:
        return framed(b"", CLOSE)
    told = reason.encode("utf-8", "replace")[:123].decode("utf-8", "ignore").encode()
    return framed(code.to_bytes(2, "big") + told, CLOSE)


def may_close_with(code: int) -> bool:
    """Whether a peer may say this code."""
    return code in _CLOSE_CODES or 3000 <= code <= 4999
