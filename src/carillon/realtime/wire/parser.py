"""Parser: bytes as they come from a client in, whole messages out; what breaks RFC 6455 ends it with a close code."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from carillon.realtime.wire.framing import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, may_close_with

_new_decoder = codecs.getincrementaldecoder("utf-8")


@dataclass(frozen=True)
class Message:
    """Something whole from the client: `text` of TEXT and of a close reason, `data` of all else, `code` of a CLOSE that has one."""

    opcode: int
    text: str = ""
    data: bytes = b""
    code: int | None = None


class Violation(Exception):
    """The client broke the protocol, and the connection is to be failed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Parser:
    """Fed with what a client sends, in pieces of any size; holds a message of at most `max_size` bytes.

    After a violation or a close it takes nothing any more.
    """

    __slots__ = ("_buffer", "_decoder", "_has_ended", "_max_size", "_opcode", "_parts", "_size", "violation")

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        # What is not whole yet, while there is any.
        self._buffer: bytearray | None = None
        # A message that came in several frames, so far.
        self._opcode = CONTINUATION
        self._parts: bytearray | None = None
        self._size = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._has_ended = False
        self.violation: Violation | None = None

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now; `violation` says whether what came after them broke the protocol."""
        found: list[Message] = []
        if self._has_ended:
            return found
        buffer: bytes | bytearray = data
        if self._buffer is not None:
            self._buffer += data
            buffer = self._buffer
        start = 0
        try:
            while not self._has_ended:
                end = self._frame(buffer, start, found)
                if not end:
                    break
                start = end
        except Violation as violation:
            self.violation, self._has_ended = violation, True
        self._keep(buffer, start)
        return found

    def _keep(self, buffer: bytes | bytearray, start: int) -> None:
        """Keep what was not taken."""
        if self._has_ended or start == len(buffer):
            self._buffer = None
        elif self._buffer is not None:
            del self._buffer[:start]
        else:
            self._buffer = bytearray(buffer[start:])

    def _frame(self, buffer: bytes | bytearray, start: int, found: list[Message]) -> int:
        """Take the frame that begins at `start`; returns where it ends, or 0 where it is not whole yet."""
        have = len(buffer) - start
        if have < 2:
            return 0
        first, second = buffer[start], buffer[start + 1]
        opcode, is_final, size, header = first & 0x0F, first & 0x80, second & 0x7F, 2
        self._check(opcode, first, second)
        if size >= 126:
            header = 4 if size == 126 else 10
            if have < header:
                return 0
            size = int.from_bytes(buffer[start + 2 : start + header], "big")
        # Told before the payload has come: nobody makes us keep what we would refuse.
        if size + (self._size if opcode < CLOSE else 0) > self._max_size:
            raise Violation(1009, f"A message has at most {self._max_size} bytes.")
        end = start + header + 4 + size
        if len(buffer) < end:
            return 0
        payload = unmasked(buffer[start + header : start + header + 4], buffer[start + header + 4 : end])
        if opcode >= CLOSE:
            found.append(self._control(opcode, payload))
        else:
            self._data(opcode, payload, bool(is_final), found)
        return end

    def _check(self, opcode: int, first: int, second: int) -> None:
        if first & 0x70:
            raise Violation(1002, "No extension was agreed upon.")
        if not second & 0x80:
            raise Violation(1002, "Frames of a client are masked.")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise Violation(1002, "There is no such opcode.")
            if not first & 0x80 or second & 0x7F > 125:
                raise Violation(1002, "Control frames are short and whole.")
        elif opcode > BINARY:
            raise Violation(1002, "There is no such opcode.")
        elif (opcode == CONTINUATION) != (self._opcode != CONTINUATION):
            raise Violation(1002, "A message was continued that had not begun, or begun before the last one's end.")

    def _data(self, opcode: int, payload: bytes, is_final: bool, found: list[Message]) -> None:
        if is_final and opcode == TEXT:
            found.append(Message(TEXT, text=_text(payload)))
        elif is_final and opcode == BINARY:
            found.append(Message(BINARY, data=payload))
        else:
            self._collect(opcode, payload, is_final)
            if is_final:
                found.append(self._collected())

    def _collect(self, opcode: int, payload: bytes, is_final: bool) -> None:
        if opcode != CONTINUATION:
            self._opcode = opcode
            self._decoder = _new_decoder() if opcode == TEXT else None
        self._size += len(payload)
        if self._parts is None:
            self._parts = bytearray()
        self._parts += payload
        if self._decoder is not None:
            # What is no text is refused at once, not when its message ends.
            try:
                self._decoder.decode(payload, is_final)
            except UnicodeDecodeError:
                raise _not_text() from None

    def _collected(self) -> Message:
        data, opcode = bytes(self._parts or b""), self._opcode
        self._parts, self._size, self._opcode, self._decoder = None, 0, CONTINUATION, None
        return Message(TEXT, text=data.decode()) if opcode == TEXT else Message(BINARY, data=data)

    def _control(self, opcode: int, payload: bytes) -> Message:
        if opcode in (PING, PONG):
            return Message(opcode, data=payload)
        self._has_ended = True
        if not payload:
            return Message(CLOSE)
        code = int.from_bytes(payload[:2], "big")
        if len(payload) == 1 or not may_close_with(code):
            raise Violation(1002, "This is no code to close with.")
        return Message(CLOSE, text=_text(payload[2:]), code=code)


def unmasked(mask: bytes | bytearray, payload: bytes | bytearray) -> bytes:
    """The payload as the client meant it (RFC 6455 5.3)."""
    size = len(payload)
    if not size or mask == b"\0\0\0\0":
        return bytes(payload)
    pattern = (bytes(mask) * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _not_text() from None


def _not_text() -> Violation:
    return Violation(1007, "Text is UTF-8.")
