"""The store of a single process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from carillon.presence.stores.base import Change, Found, Lease, State


class _Held(msgspec.Struct, frozen=True, gc=False):
    lease: Lease
    until: float
    put_at: int


class MemoryStore:
    """Keeps leases in this process; `clock` says seconds that pass, and `wall` seconds since 1970."""

    lapses = 0

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock, self._wall = clock, wall
        self._lock = threading.Lock()
        # By person. Tuples: most people have one connection, and a dict for each would take three times their room.
        self._held: dict[str, tuple[_Held, ...]] = {}
        self._lookers: dict[str, dict[str, str]] = {}
        # As they were told of; who is not in it is offline.
        self._told: dict[str, State] = {}
        # Before that nothing can be over.
        self._next_end = math.inf
        self._last_stamp = 0

    def put(self, leases: Sequence[Lease], seconds: float) -> list[Change]:
        """Keep these for so many seconds."""
        with self._lock:
            until, stamp = self._clock() + seconds, self._stamp()
            self._next_end = min(self._next_end, until)
            for lease in leases:
                self._put(_Held(lease, until, stamp))
            return self._changes(dict.fromkeys((lease.person for lease in leases), stamp), stamp)

    def expire(self) -> list[Change]:
        """Forget what is over."""
        with self._lock:
            now, stamp = self._clock(), self._stamp()
            if now < self._next_end:
                return []
            over = [held for each in self._held.values() for held in each if held.until <= now]
            seen: dict[str, int] = {}
            for held in over:
                self._drop(held.lease)
                seen[held.lease.person] = max(held.put_at, seen.get(held.lease.person, 0))
            self._next_end = min((held.until for each in self._held.values() for held in each), default=math.inf)
            return self._changes(seen, stamp)

    def states(self, people: Iterable[str]) -> Found:
        """How these people are."""
        with self._lock:
            states = {person: self._state(person) for person in people}
            return Found({person: state for person, state in states.items() if state != "offline"}, self._stamp())

    def lookers(self, keys: Collection[str]) -> dict[str, set[str]]:
        """Who looks at these."""
        with self._lock:
            now = self._clock()
            return {
                key: {
                    person
                    for connection, person in self._lookers.get(key, {}).items()
                    if any(held.lease.connection == connection and held.until > now for held in self._held[person])
                }
                for key in keys
            }

    def _stamp(self) -> int:
        # Two changes in one tick of the clock have their order too.
        self._last_stamp = max(self._last_stamp + 1, int(self._wall() * 1_000_000))
        return self._last_stamp

    def _put(self, held: _Held) -> None:
        lease = held.lease
        self._drop(lease)
        self._held[lease.person] = (*self._held.get(lease.person, ()), held)
        if not lease.is_away:
            for key in lease.looks_at:
                self._lookers.setdefault(key, {})[lease.connection] = lease.person

    def _drop(self, lease: Lease) -> None:
        """Forget what is held of its connection."""
        left: list[_Held] = []
        for held in self._held.pop(lease.person, ()):
            if held.lease.connection == lease.connection:
                self._look_away(held.lease)
            else:
                left.append(held)
        if left:
            self._held[lease.person] = tuple(left)

    def _look_away(self, lease: Lease) -> None:
        for key in lease.looks_at:
            there = self._lookers.get(key)
            if there is not None:
                there.pop(lease.connection, None)
                if not there:
                    del self._lookers[key]

    def _state(self, person: str) -> State:
        now = self._clock()
        alive = [held.lease.is_away for held in self._held.get(person, ()) if held.until > now]
        if not alive:
            return "offline"
        return "away" if all(alive) else "online"

    def _changes(self, seen: dict[str, int], stamp: int) -> list[Change]:
        found = []
        for person, seen_at in seen.items():
            state = self._state(person)
            if state == self._told.get(person, "offline"):
                continue
            if state == "offline":
                del self._told[person]
            else:
                self._told[person] = state
            found.append(Change(person, state, stamp, seen_at))
        return found
