"""FanOut: takes one event to many connections; what meets on the way leaves in one write, in slices that give the loop back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from carillon.realtime.connection import Outbound

# Seconds that a slice may take; the clock is looked at after every so many writes.
SLICE = 0.004
WRITES = 64
# Bytes that are joined into one write at most.
JOINED = 65_536


class Leg:
    """Readers side by side who get the same payloads: the next `left` of them."""

    __slots__ = ("left", "payloads", "size")

    def __init__(self, left: int, payload: Any, size: int) -> None:
        self.left, self.payloads, self.size = left, [payload], size

    def add(self, payload: Any, size: int) -> None:
        """One more payload, after the others."""
        self.payloads.append(payload)
        self.size += size

    def joined(self, reader: Outbound) -> Any:
        """All of it as one payload, as this reader joins them; more may be added after that."""
        if len(self.payloads) > 1:
            self.payloads = [reader.join(self.payloads)]
        return self.payloads[0]


class Parcel:
    """Payloads on their way to the same readers, each in order; `left` is how many of them have not got everything.

    The way is a circle. A payload that comes when some were served already goes along to those who were not, and then
    on, from the begin of the list, to those who were: so that nobody waits, and few are written to twice.
    """

    __slots__ = ("_at", "_later", "_leg", "_places", "_served", "is_ephemeral", "left", "readers")

    def __init__(self, readers: Sequence[Outbound], payload: Any, size: int, *, is_ephemeral: bool) -> None:
        self.readers, self.is_ephemeral = readers, is_ephemeral
        self.left = len(readers)
        # Whose turn it is, what goes to that one and the next ones, and what to those after them.
        self._at = 0
        self._leg = Leg(self.left, payload, size)
        self._later: deque[Leg] | None = None
        # Who was given theirs before their turn; where everybody is in the list, once somebody asked.
        self._served: set[Outbound] | None = None
        self._places: dict[Outbound, int] | None = None

    def takes(self, size: int, *, is_ephemeral: bool) -> bool:
        """Whether one more payload for these readers may go along."""
        return self._served is None and self.is_ephemeral == is_ephemeral and self._leg.size + size <= JOINED

    def add(self, payload: Any, size: int) -> None:
        """Send this one along, after the others."""
        self._leg.add(payload, size)
        for leg in self._later or ():
            leg.add(payload, size)
        behind = len(self.readers) - self.left
        if behind:
            if self._later is None:
                self._later = deque()
            self._later.append(Leg(behind, payload, size))
            self.left += behind

    def serve(self, reader: Outbound) -> None:
        """Give this reader what it has not got, before its turn."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self.readers)}
        place = self._places.get(reader)
        if place is None or (self._served is not None and reader in self._served):
            return
        leg = self._leg_of((place - self._at) % len(self.readers))
        if leg is not None:
            if self._served is None:
                self._served = set()
            self._served.add(reader)
            reader.write(leg.joined(reader), leg.size, is_ephemeral=self.is_ephemeral)

    def _leg_of(self, ahead: int) -> Leg | None:
        """What that reader gets before whom it is the turn of so many; None where it has got everything."""
        legs: list[Leg] = [self._leg, *(self._later or ())]
        for leg in legs:
            if ahead < leg.left:
                return leg
            ahead -= leg.left
        return None

    def serve_some(self, most: int) -> int:
        """Serve the next readers, `most` of them at most, and says how many that were."""
        if not self._leg.left and self._later:
            self._leg = self._later.popleft()
        leg, readers, at = self._leg, self.readers, self._at
        count = min(most, leg.left, len(readers) - at)
        joined, size, served, is_ephemeral = leg.joined(readers[at]), leg.size, self._served, self.is_ephemeral
        # Counted before they are written to: whoever is closed by a write catches up with what comes after it.
        leg.left -= count
        self.left -= count
        self._at = (at + count) % len(readers)
        for reader in readers[at : at + count]:
            write = reader.fast
            if served is not None and reader in served:
                continue
            if write is None:
                reader.write(joined, size, is_ephemeral=is_ephemeral)
                continue
            try:
                write(joined)
            except (OSError, RuntimeError):
                # A transport that breaks under one reader must not strand the others; its socket hears of it.
                continue
        return count


class FanOut:
    """Everything on its way to the connections of one event loop.

    The order of what one connection gets is the order of the calls: who writes to a connection beside this, or lets it
    leave a topic, calls `catch_up` for it first.
    """

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        # Whether somebody will serve them: the loop, or who holds it.
        self._is_due = False

    def __bool__(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._parcels)

    def send(self, readers: Sequence[Outbound], payload: Any, size: int, *, is_ephemeral: bool) -> None:
        """Take a payload to these readers at the end of this tick, or soon after; `readers` may not change from now on."""
        if not readers:
            return
        if self._parcels:
            newest = self._parcels[-1]
            if newest.readers is readers and newest.takes(size, is_ephemeral=is_ephemeral):
                newest.add(payload, size)
                return
        self._parcels.append(Parcel(readers, payload, size, is_ephemeral=is_ephemeral))
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._slice)

    def hold(self) -> bool:
        """Keep what is sent from now on until `let_go`; False where it leaves by itself soon, and nobody is to let go."""
        if self._is_due:
            return False
        self._is_due = True
        return True

    def let_go(self) -> None:
        """What was kept leaves now."""
        self._slice()

    def catch_up(self, reader: Outbound) -> None:
        """Write to this reader at once what is on its way to it."""
        for parcel in self._parcels:
            parcel.serve(reader)

    def _slice(self) -> None:
        loop, parcels = asyncio.get_running_loop(), self._parcels
        ends, most = loop.time() + SLICE, WRITES
        while parcels:
            parcel = parcels[0]
            most -= parcel.serve_some(most)
            if not parcel.left:
                parcels.popleft()
            if not most:
                most = WRITES
                if loop.time() > ends and parcels:
                    loop.call_soon(self._slice)
                    return
        self._is_due = False
