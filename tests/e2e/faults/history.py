"""What clients, writers and the database put down, in the one form that the judge reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedWriter
from pathlib import Path
from typing import Literal

import msgspec

# follow: the server said that delivery begins after this position. event: a durable event came. resync: the position
# was called void, `id` says why. snapshot: the client fetched the state as of this position. withdrawn: the topic was
# taken away. open and end: the connection; `offset` of an end is its close code.
Kind = Literal["open", "follow", "event", "resync", "snapshot", "withdrawn", "end"]


class Record(msgspec.Struct, array_like=True, frozen=True):
    """One line of a client's file; `at` is when it came, `written` when the server wrote the event (seconds since 1970)."""

    kind: Kind
    connection: int
    topic: str = ""
    epoch: str = ""
    offset: int = 0
    id: str = ""
    at: float = 0.0
    written: float = 0.0


class Ack(msgspec.Struct, array_like=True, frozen=True):
    """A write that was acknowledged: what was written where; `offset` 0 where the answer named no position."""

    id: str
    topic: str
    epoch: str = ""
    offset: int = 0
    at: float = 0.0
    took: float = 0.0
    attempts: int = 1


class Row(msgspec.Struct, frozen=True):
    """One row of the event log: `revokes` names who may see nothing after it, `admits` who may again."""

    topic: str
    epoch: str
    offset: int
    id: str = ""
    revokes: tuple[str, ...] = ()
    admits: str = ""


class Sheet:
    """A file that records are appended to, one a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BufferedWriter = path.open("ab")
        self._encode = msgspec.json.Encoder().encode

    def add(self, record: Record | Ack) -> None:
        """Append one."""
        self._file.write(self._encode(record) + b"\n")

    def close(self) -> None:
        """Write out what is buffered; nothing is added afterwards."""
        self._file.close()

    def flush(self) -> None:
        """Write out what is buffered."""
        self._file.flush()


def records(path: Path) -> Iterator[Record]:
    """The records of a client, in the order in which they were added."""
    decode = msgspec.json.Decoder(Record).decode
    if path.exists():
        with path.open("rb") as lines:
            yield from (decode(line) for line in lines)


def acks(paths: Iterable[Path]) -> list[Ack]:
    """What several writers were told; a last line that a kill cut short was never relied on by anybody."""
    decode = msgspec.json.Decoder(Ack).decode
    found = []
    for path in paths:
        if path.exists():
            found += [decode(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    return found
