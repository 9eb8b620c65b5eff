"""The contract of a store of presence: leases of connections, which end by themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Protocol

import msgspec

State = Literal["online", "away", "offline"]


class Lease(msgspec.Struct, frozen=True, gc=False):
    """One connection of a person: whether they are away from it, and the keys of what they look at there; no key has a line end."""

    person: str
    connection: str
    is_away: bool = False
    looks_at: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True, array_like=True):
    """Somebody's state is another one since `stamp`, microseconds by the store's clock; `seen_at` is when they were heard of last."""

    person: str
    state: State
    stamp: int
    seen_at: int


class Found(msgspec.Struct, frozen=True):
    """The states of those who are connected, at `stamp`; not `is_whole` where others may be, of whom this process knows nothing."""

    states: dict[str, State]
    stamp: int
    is_whole: bool = True


class Store(Protocol):
    """Keeps leases; a person is online while one of theirs is, away while all are, and offline without any.

    Every change of somebody's state is told once, to whoever's call finds it out first. Called from any thread; waits no
    longer than its deadline, and never raises: what cannot be asked answers with what this process put.
    """

    @property
    def lapses(self) -> int:
        """How often it may have lost what was put; after one everything is to be put again."""

    def put(self, leases: Sequence[Lease], seconds: float) -> list[Change]:
        """Let each of these hold for so many seconds from now, in place of what its connection had; tells what changed."""

    def expire(self) -> list[Change]:
        """End the leases that are over; tells what changed."""

    def states(self, people: Iterable[str]) -> Found:
        """How these people are."""

    def lookers(self, keys: Collection[str]) -> dict[str, set[str]]:
        """By key, the people who look at it on a connection from which they are not away."""
