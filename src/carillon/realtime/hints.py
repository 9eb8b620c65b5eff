"""Where committed events are handed to the broker of this process, if it has one."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence

from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.realtime.brokers.base import Broker
from carillon.realtime.brokers.memory import MemoryBroker
from carillon.realtime.event import Event

logger = logging.getLogger(__name__)

_senders: list[Callable[[Sequence[Event]], None]] = []


def new_broker() -> Broker:
    """The broker that the settings name: `BROKER`, or else Redis where there is a `REDIS_URL`, or else this process's memory."""
    if settings.BROKER:
        broker: Broker = import_string(settings.BROKER)()
        return broker
    if settings.REDIS_URL:
        from carillon.realtime.brokers.redis import RedisBroker

        return RedisBroker(settings.REDIS_URL)
    return MemoryBroker()


@functools.cache
def _outgoing() -> Broker:
    """The broker of a process that holds no sockets; it sends, and hears nothing."""
    return new_broker()


def connect(sender: Callable[[Sequence[Event]], None]) -> None:
    """Hand events to this sender, of a broker that hears too, from now on."""
    _senders[:] = [sender]


def disconnect() -> None:
    """Hand events to nobody in this process any more."""
    _senders.clear()
    _outgoing.cache_clear()


def send(events: Sequence[Event]) -> None:
    """Hand events to the broker; what it does not bring, the sweep of each process finds in the log."""
    try:
        sender = _senders[0] if _senders else _outgoing().publish
        sender(events)
    except Exception:
        # The write is committed: a failing hint must not look like a failing write.
        logger.exception("hint lost; the sweep will find the events")
