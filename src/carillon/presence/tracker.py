"""Tracker: the leases of this process's connections, kept alive together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from carillon.conf import settings
from carillon.presence.stores.base import Change, Lease, Store

RENEWALS = 3


class Tracker:
    """Knows every connection of this process and what it says of itself; any thread may change one.

    `announce` is given what the store found out, in the thread of the call.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        announce: Callable[[Sequence[Change]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._announce, self._clock = store, announce, clock
        self._lock = threading.Lock()
        # Held while something is put: a renewal that was begun before a change must not come after it.
        self._putting = threading.Lock()
        self._leases: dict[str, Lease] = {}
        self._changed: set[str] = set()
        self._released: list[Lease] = []
        self._renew_at = 0.0
        self._lapses: tuple[Store, int] | None = None

    def enter(self, person: str, connection: str) -> None:
        """Somebody is connected; `flush` tells the store."""
        with self._lock:
            self._leases[connection] = Lease(person, connection)
            self._changed.add(connection)

    def leave(self, connection: str) -> None:
        """A connection is closed; it counts for the grace that `flush` gives it."""
        with self._lock:
            lease = self._leases.pop(connection, None)
            if lease is not None:
                self._released.append(msgspec.structs.replace(lease, looks_at=()))

    def set_away(self, person: str, connection: str, *, is_away: bool) -> None:
        """Whether the person is away from this connection, and have the store know; nothing where it is not theirs."""
        self._change(person, connection, lambda lease: msgspec.structs.replace(lease, is_away=is_away))

    def look(self, person: str, connection: str, keys: tuple[str, ...]) -> None:
        """What the person has before their eyes on this connection, and have the store know."""
        self._change(person, connection, lambda lease: msgspec.structs.replace(lease, looks_at=keys))

    def people(self) -> set[str]:
        """Everybody who is connected to this process."""
        with self._lock:
            return {lease.person for lease in self._leases.values()}

    def flush(self) -> None:
        """Put what changed."""
        with self._putting:
            store = self._store()
            with self._lock:
                changed = [lease for each in self._changed if (lease := self._leases.get(each)) is not None]
                released, self._released = self._released, []
                self._changed.clear()
            found = store.put(changed, settings.PRESENCE_LEASE) if changed else []
            found += store.put(released, settings.PRESENCE_GRACE) if released else []
        self._tell(found)

    def keep(self) -> list[Change]:
        """Renew what is due, put what changed, end what is over; returns who was found to be offline."""
        self._renew_if_due()
        self.flush()
        found = self._store().expire()
        self._tell(found)
        return [change for change in found if change.state == "offline"]

    def close(self) -> None:
        """Release every connection that is left."""
        with self._lock:
            connections = list(self._leases)
        for connection in connections:
            self.leave(connection)
        self.flush()

    def _change(self, person: str, connection: str, change: Callable[[Lease], Lease]) -> None:
        with self._lock:
            lease = self._leases.get(connection)
            if lease is None or lease.person != person or (changed := change(lease)) == lease:
                return
            self._leases[connection] = changed
            self._changed.add(connection)
        self.flush()

    def _renew_if_due(self) -> None:
        store, now = self._store(), self._clock()
        # A store that lost what it was told, or another one, is told at once.
        lapses = (store, store.lapses)
        if now < self._renew_at and lapses == self._lapses:
            return
        self._lapses, self._renew_at = lapses, now + settings.PRESENCE_LEASE / RENEWALS
        with self._lock:
            self._changed.update(self._leases)

    def _tell(self, changes: Iterable[Change]) -> None:
        found = list(changes)
        if found:
            self._announce(found)
