"""Rows: one figure set of one server in one part, with every round kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench import peers
from bench.numbers import Spread
from bench.runs import Crowd, Server


@dataclass
class Row:
    """What one server did in one part; `rounds` holds each round's figures by name."""

    part: str
    server: str
    case: str
    rounds: list[dict[str, float]] = field(default_factory=list)

    def each(self, name: str) -> list[float]:
        """One figure, round by round."""
        return [found[name] for found in self.rounds if name in found]

    def spread(self, name: str) -> Spread:
        """One figure over the rounds."""
        return Spread.of(self.each(name))

    def of(self, name: str) -> float:
        """The median of one figure."""
        return self.spread(name).median

    @property
    def title(self) -> str:
        """The server's name in words."""
        return peers.PEERS[self.server].title


def progress(text: str) -> None:
    """Say on standard error what is being done."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


# Peers that could not take part after all, and why; the report names them.
absent: dict[str, str] = {}


def start(stack: ExitStack, rig: peers.Rig, names: Sequence[str], **environment: str) -> dict[str, Server]:
    """Start those of the servers whose parts are installed; a peer that does not start is noted as absent."""
    started = {}
    for name in names:
        peer = peers.PEERS[name]
        if peer.missing:
            absent[name] = f"not installed: {peer.missing}"
            continue
        try:
            started[name] = stack.enter_context(peers.running(name, rig, **environment))
        except AssertionError as error:
            if peer.is_ours:
                raise
            progress(f"{name} did not start: {error}")
            absent[name] = "it did not start"
    return started


def take_turns(rounds: int, part: str, crowds: dict[str, Crowd], measure: Callable[[str, Crowd], None]) -> None:
    """Measure each server once a round; a peer that fails is noted as absent, and has no more turns."""
    for turn in range(rounds):
        progress(f"{part}: round {turn + 1} of {rounds}")
        for name, crowd in list(crowds.items()):
            try:
                measure(name, crowd)
            except (AssertionError, OSError) as error:
                if peers.PEERS[name].is_ours:
                    raise
                progress(f"{name} failed: {error}")
                absent[name] = f"it failed in {part}"
                del crowds[name]


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For keeping."""
    return [{"part": row.part, "server": row.server, "case": row.case, "rounds": row.rounds} for row in rows]


def from_json(found: Sequence[dict[str, Any]]) -> list[Row]:
    """What was kept."""
    return [Row(each["part"], each["server"], each["case"], each["rounds"]) for each in found]
