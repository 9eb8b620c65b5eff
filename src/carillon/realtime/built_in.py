"""Commands that every client has; the exchange itself answers them."""

from __future__ import annotations

import msgspec

from carillon.realtime.command import Nothing
from carillon.realtime.event import Position
from carillon.realtime.identity import Person


class Authenticate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sign in, or renew the credential, on an open socket."""

    token: str


class Authenticated(msgspec.Struct, frozen=True):
    """Who is signed in, and until when (seconds since 1970)."""

    person: Person
    expires_at: float | None


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Follow a topic, from a position or from now on."""

    topic: str
    position: Position | None = None


class Subscribed(msgspec.Struct, frozen=True):
    """Where delivery begins: events after this position follow."""

    topic: str
    position: Position | None


class Unsubscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stop following a topic."""

    topic: str


BUILT_IN: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "authenticate": (Authenticate, Authenticated),
    "subscribe": (Subscribe, Subscribed),
    "unsubscribe": (Unsubscribe, Nothing),
    "ping": (Nothing, Nothing),
}
