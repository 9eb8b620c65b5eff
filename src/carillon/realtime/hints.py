"""Where committed events are handed to the broker of this process, if it has one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from carillon.realtime.event import Event

logger = logging.getLogger(__name__)

_senders: list[Callable[[Sequence[Event]], None]] = []


def connect(sender: Callable[[Sequence[Event]], None]) -> None:
    """Hand events to this sender from now on."""
    _senders[:] = [sender]


def disconnect() -> None:
    """Hand events to nobody."""
    _senders.clear()


def send(events: Sequence[Event]) -> None:
    """Hand events to the broker; without one the sweep of each process finds them in the log."""
    for sender in _senders:
        try:
            sender(events)
        except Exception:
            # The write is committed: a failing hint must not look like a failing write.
            logger.exception("hint lost; the sweep will find the events")
