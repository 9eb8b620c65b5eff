"""What people's own topics announce."""

from __future__ import annotations

from carillon.realtime.event import Fact, fact
from carillon.realtime.identity import Person


@fact("profile.updated")
class ProfileUpdated(Fact, frozen=True, kw_only=True):
    """The person's public face or preferences changed; whole state."""

    person: Person
    language: str
    time_zone: str


@fact("session.ended")
class SessionEnded(Fact, frozen=True, kw_only=True):
    """A session was signed out (None: all of them); its sockets are closed."""

    session: str | None


@fact("password.changed")
class PasswordChanged(Fact, frozen=True, kw_only=True):
    """The person changed their password; every session but the one they did it from is closed."""
