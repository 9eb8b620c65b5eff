"""FanOut: takes one event to many connections; what belongs to one tick leaves in one write, in slices that give the loop back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

from carillon.realtime.connection import Outbound

# Seconds that a slice may take; the clock is looked at after every so many writes.
SLICE = 0.004
WRITES = 64
# Bytes that are joined into one write at most.
JOINED = 65_536


class Parcel:
    """Payloads of one tick for the same readers, in order."""

    __slots__ = ("is_ephemeral", "joined", "payloads", "reached", "readers", "served", "size")

    def __init__(self, readers: Sequence[Outbound], payload: Any, size: int, *, is_ephemeral: bool) -> None:
        self.readers, self.is_ephemeral = readers, is_ephemeral
        self.payloads, self.size = [payload], size
        # What leaves, once the first reader was reached: nothing is added any more.
        self.joined: Any = None
        self.reached = 0
        self.served: set[Outbound] = set()

    def takes(self, readers: Sequence[Outbound], size: int, *, is_ephemeral: bool) -> bool:
        """Whether one more payload may go along."""
        return (
            self.readers is readers
            and self.joined is None
            and self.is_ephemeral == is_ephemeral
            and self.size + size <= JOINED
        )

    def add(self, payload: Any, size: int) -> None:
        """Send this one along, after the others."""
        self.payloads.append(payload)
        self.size += size

    def serve(self, reader: Outbound) -> None:
        """Give this reader what it has not got, before its turn."""
        if reader not in self.served and reader in islice(self.readers, self.reached, None):
            self.served.add(reader)
            reader.write(self._closed(), self.size, is_ephemeral=self.is_ephemeral)

    def serve_some(self) -> bool:
        """Serve the next readers; says whether that were all."""
        joined, size, is_ephemeral, served = self._closed(), self.size, self.is_ephemeral, self.served
        last = self.reached + WRITES
        for reader in self.readers[self.reached : last]:
            write = reader.fast
            if served and reader in served:
                continue
            if write is None:
                reader.write(joined, size, is_ephemeral=is_ephemeral)
                continue
            try:
                write(joined)
            except (OSError, RuntimeError):
                # A transport that breaks under one reader must not strand the others; its socket hears of it.
                continue
        self.reached = last
        return last >= len(self.readers)

    def _closed(self) -> Any:
        if self.joined is None:
            self.joined = self.payloads[0] if len(self.payloads) == 1 else self.readers[0].join(self.payloads)
        return self.joined


class FanOut:
    """Everything on its way to the connections of one event loop.

    The order of what one connection gets is the order of the calls: who writes to a connection beside this, or lets it
    leave a topic, calls `catch_up` for it first.
    """

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._is_due = False

    def __bool__(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._parcels)

    def send(self, readers: Sequence[Outbound], payload: Any, size: int, *, is_ephemeral: bool) -> None:
        """Take a payload to these readers at the end of this tick, or soon after; `readers` may not change from now on."""
        if not readers:
            return
        newest = self._parcels[-1] if self._parcels else None
        if newest is not None and newest.takes(readers, size, is_ephemeral=is_ephemeral):
            newest.add(payload, size)
            return
        self._parcels.append(Parcel(readers, payload, size, is_ephemeral=is_ephemeral))
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._slice)

    def catch_up(self, reader: Outbound) -> None:
        """Write to this reader at once what is on its way to it."""
        for parcel in self._parcels:
            parcel.serve(reader)

    def _slice(self) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + SLICE
        while self._parcels:
            if self._parcels[0].serve_some():
                self._parcels.popleft()
            if loop.time() > ends and self._parcels:
                loop.call_soon(self._slice)
                return
        self._is_due = False
