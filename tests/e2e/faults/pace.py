"""What a client knows of the protocol: frames, positions, close codes, and its own waits."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

PROTOCOL = "carillon.v1"
# Codes after which a client does not come back by itself (GUARANTEES 7.1); 1000 is our own end.
TERMINAL = {1000, 1008, 4000, 4002, 4005}
AT_ONCE = {1012, 4009, 4010, 4012}
AGAIN = 0.5


class Frame(msgspec.Struct):
    """As much of a frame as a client reads."""

    type: str
    topic: str = ""
    epoch: str = ""
    offset: int = 0
    at: str = ""
    ref: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class At(msgspec.Struct, frozen=True):
    """A position as frames carry it."""

    epoch: str
    offset: int


@dataclass(frozen=True)
class Pace:
    """How a client behaves: its waits in seconds, the mean life it gives a connection (0: for ever), bytes it reads a second."""

    first_delay: float = 1.0
    longest_delay: float = 30.0
    ping_every: float = 20.0
    patience: float = 20.0
    life: float = 0.0
    reads: float = 0.0
    # Seconds at the beginning of each connection's load in which it reads nothing at all.
    blind: float = 0.0


decode_frame = msgspec.json.Decoder(Frame).decode
