"""Idle hops: before a message, a consumer on our layer enters the database thread only where something is to be done there.

Channels enters it before every message, to close connections that are too old or broken; most often there are none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import channels.consumer
import channels.db
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_close_always = channels.db.aclose_old_connections


class Watched:
    """The database connections of one thread: those it had when it was last entered, and those it opened since."""

    def __init__(self) -> None:
        self.connections: Sequence[BaseDatabaseWrapper] = []

    def is_due(self) -> bool:
        """Whether `close_old_connections` would change anything in that thread."""
        return any(_is_due(connection) for connection in self.connections)


class Consumer:
    """A running consumer; `watched` is of the thread in which it queries, once it was entered."""

    watched: Watched | None = None


_running: ContextVar[Consumer | None] = ContextVar("carillon_consumer", default=None)
_thread = threading.local()


def spare() -> None:
    """Spare the consumer that runs in this context the hops that would do nothing."""
    _running.set(Consumer())


def install() -> None:
    """Have Channels ask here before each message; consumers that were not spared notice nothing. Leaves a patch of the host's alone."""
    if channels.consumer.aclose_old_connections is _close_always:
        channels.consumer.aclose_old_connections = _close_when_due
        connection_created.connect(_note)


async def _close_when_due() -> None:
    consumer = _running.get()
    if consumer is None:
        await _close_always()
    elif consumer.watched is None or consumer.watched.is_due():
        consumer.watched = await sync_to_async(_close, thread_sensitive=True)()


def _close() -> Watched:
    # By its name in Channels, whose tests put another there.
    channels.db.close_old_connections()
    watched: Watched | None = getattr(_thread, "watched", None)
    if watched is None:
        watched = _thread.watched = Watched()
    watched.connections = connections.all(initialized_only=True)
    return watched


def _note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A connection is opened, in the thread that opens it."""
    watched: Watched | None = getattr(_thread, "watched", None)
    if watched is not None and connection not in watched.connections:
        watched.connections = [*watched.connections, connection]


def _is_due(connection: BaseDatabaseWrapper) -> bool:
    """What `close_if_unusable_or_obsolete` of Django looks at, read from another thread."""
    if connection.connection is None:
        return False
    asks_anew: bool = connection.health_check_enabled and connection.health_check_done  # type: ignore[attr-defined]
    return (
        asks_anew
        or connection.errors_occurred
        or connection.autocommit != connection.settings_dict["AUTOCOMMIT"]
        or (connection.close_at is not None and time.monotonic() >= connection.close_at)
    )
