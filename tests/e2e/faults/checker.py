"""The judge: what each client put down against the rows of the log and what the writers were told (GUARANTEES G1-G4, G11).

It shares no code with the product or with the clients, and knows nothing but files and rows.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.e2e.faults.history import Ack, Record, Row

# Every fault there is; a report names those it looked for.
FAULTS = (
    "unsaved",  # acknowledged, and not in the log
    "misplaced",  # acknowledged at one position, stored at another
    "written twice",  # one write, two rows
    "broken log",  # offsets of the log itself are not consecutive
    "lost",  # stored, and never got
    "repeated",  # came again on the same connection
    "hole",  # came before its predecessor
    "wrong epoch",  # of another log than was agreed on, without a word
    "never stored",  # came, and is in no row
    "changed",  # came with other contents than the row has
    "after withdrawal",  # came though access had been taken away before it
    "unasked",  # came on a topic that is not followed
    "void position",  # a good position was refused, or one was refused that nobody may refuse in this run
)
MOST_EXAMPLES = 5
Log = dict[tuple[str, str], dict[int, Row]]


@dataclass
class Verdict:
    """How often each fault was found, a few of each in words, and what was counted on the way."""

    faults: Counter[str] = field(default_factory=Counter)
    examples: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    deliveries: int = 0
    connections: int = 0
    resyncs: int = 0
    ends: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def blame(self, fault: str, what: str) -> None:
        """Note a fault."""
        assert fault in FAULTS, fault
        self.faults[fault] += 1
        if len(self.examples[fault]) < MOST_EXAMPLES:
            self.examples[fault].append(what)

    def add(self, other: Verdict) -> None:
        """Take another verdict into this one."""
        self.faults += other.faults
        for fault, told in other.examples.items():
            self.examples[fault] = (self.examples[fault] + told)[:MOST_EXAMPLES]
        self.deliveries += other.deliveries
        self.connections += other.connections
        self.resyncs += other.resyncs
        self.ends += other.ends
        self.latencies += other.latencies

    def __str__(self) -> str:
        counts = ", ".join(f"{fault}: {count}" for fault, count in self.faults.items()) or "nothing wrong"
        told = "".join(f"\n  {fault}: {what}" for fault, each in self.examples.items() for what in each)
        return f"{counts} in {self.deliveries} deliveries on {self.connections} connections{told}"


def log_of(rows: Iterable[Row]) -> Log:
    """Rows by (topic, epoch) and offset."""
    log: Log = defaultdict(dict)
    for row in rows:
        log[row.topic, row.epoch][row.offset] = row
    return dict(log)


def check_writes(log: Log, acks: Sequence[Ack], verdict: Verdict) -> None:
    """Every acknowledged write is stored once, where the writer was told; offsets have no holes."""
    places: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for (topic, epoch), rows in log.items():
        for here, there in itertools.pairwise(sorted(rows)):
            if there != here + 1:
                verdict.blame("broken log", f"{topic} {epoch}: {there} after {here}")
        for row in rows.values():
            places[topic, row.id].append(row)
    for (topic, id), stored in places.items():
        if id and len(stored) > 1:
            verdict.blame("written twice", f"{topic}: {id} at {[row.offset for row in stored]}")
    for ack in acks:
        _check_ack(ack, places.get((ack.topic, ack.id), []), verdict)


def _check_ack(ack: Ack, stored: list[Row], verdict: Verdict) -> None:
    if not stored:
        verdict.blame("unsaved", f"{ack.topic}: {ack.id}")
    elif ack.offset and all((row.epoch, row.offset) != (ack.epoch, ack.offset) for row in stored):
        verdict.blame("misplaced", f"{ack.topic}: {ack.id} told {ack.epoch}@{ack.offset}, is at {stored[0].offset}")


class Reader:
    """One client's history, held against the log as the client's own rule has it: drop what is known, take what is next."""

    def __init__(self, name: str, log: Log, *, principals: Iterable[str] = (), may_resync: bool = False) -> None:
        """`principals`: the names by which an event may withdraw access; `may_resync`: whether a position can be void here."""
        self.name, self.log, self.may_resync = name, log, may_resync
        self.principals = frozenset(principals)
        self.verdict = Verdict()
        self._hidden = {key: _hidden(rows.values(), self.principals) for key, rows in log.items()}
        # What this connection was last given of each topic, and what the application has.
        self._wire: dict[str, tuple[int, str, int]] = {}
        self._held: dict[str, tuple[str, int]] = {}
        self._got: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._first: dict[tuple[str, str], int] = {}

    def read(self, history: Iterable[Record]) -> Verdict:
        """Judge a whole history."""
        takers = {
            "open": self._open,
            "follow": self._follow,
            "event": self._event,
            "resync": self._resync,
            "snapshot": self._snapshot,
            "withdrawn": self._withdrawn,
            "end": self._end,
        }
        for record in history:
            takers[record.kind](record)
        self._find_lost()
        return self.verdict

    def _open(self, record: Record) -> None:
        self.verdict.connections += 1
        self._wire.clear()

    def _end(self, record: Record) -> None:
        self.verdict.ends[record.offset] += 1
        self._wire.clear()

    def _follow(self, record: Record) -> None:
        self._wire[record.topic] = (record.connection, record.epoch, record.offset)
        if record.topic not in self._held:
            self._held[record.topic] = (record.epoch, record.offset)
            self._first.setdefault((record.topic, record.epoch), record.offset)

    def _withdrawn(self, record: Record) -> None:
        self._wire.pop(record.topic, None)

    def _resync(self, record: Record) -> None:
        self.verdict.resyncs += 1
        self._wire.pop(record.topic, None)
        if not self.may_resync:
            self.verdict.blame("void position", f"{self.name}: {record.topic} {record.id}")

    def _snapshot(self, record: Record) -> None:
        """The state up to here is known without its events."""
        self._held[record.topic] = (record.epoch, record.offset)
        self._got[record.topic, record.epoch].update(range(1, record.offset + 1))
        self._first.setdefault((record.topic, record.epoch), record.offset)

    def _event(self, record: Record) -> None:
        self.verdict.deliveries += 1
        if record.written:
            self.verdict.latencies.append(record.at - record.written)
        where = f"{self.name}: {record.topic} {record.epoch}@{record.offset}"
        self._check_row(record, where)
        self._check_wire(record, where)
        epoch, last = self._held.get(record.topic, ("", 0))
        if epoch == record.epoch and record.offset == last + 1:
            self._held[record.topic] = (epoch, record.offset)
            self._got[record.topic, epoch].add(record.offset)

    def _check_row(self, record: Record, where: str) -> None:
        key = (record.topic, record.epoch)
        row = self.log.get(key, {}).get(record.offset)
        if row is None:
            self.verdict.blame("never stored", where)
        elif row.id and row.id != record.id:
            self.verdict.blame("changed", f"{where}: {record.id} for {row.id}")
        if any(after < record.offset <= until for after, until in self._hidden.get(key, [])):
            self.verdict.blame("after withdrawal", where)

    def _check_wire(self, record: Record, where: str) -> None:
        connection, epoch, last = self._wire.get(record.topic, (-1, "", 0))
        if connection != record.connection:
            self.verdict.blame("unasked", where)
            return
        if epoch != record.epoch:
            self.verdict.blame("wrong epoch", f"{where} after {epoch}")
        elif record.offset <= last:
            self.verdict.blame("repeated", f"{where} after {last}")
        elif record.offset > last + 1:
            self.verdict.blame("hole", f"{where} after {last}")
        self._wire[record.topic] = (connection, record.epoch, max(last, record.offset))

    def _find_lost(self) -> None:
        for key, first in self._first.items():
            after = max([first, *(until for _, until in self._hidden.get(key, []))])
            got = self._got[key]
            for offset in sorted(self.log.get(key, {})):
                if offset > after and offset not in got:
                    self.verdict.blame("lost", f"{self.name}: {key[0]} {key[1]}@{offset}")


def _hidden(rows: Iterable[Row], principals: frozenset[str]) -> list[tuple[int, float]]:
    """Spans of offsets that these principals may not see: after the first number, up to the second."""
    spans: list[tuple[int, float]] = []
    for row in sorted(rows, key=lambda row: row.offset):
        is_out = bool(spans) and spans[-1][1] == float("inf")
        if not is_out and principals.intersection(row.revokes):
            spans.append((row.offset, float("inf")))
        elif is_out and row.admits in principals:
            spans[-1] = (spans[-1][0], row.offset)
    return spans
