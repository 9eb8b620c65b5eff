"""What a write to a conversation did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carillon.conversations import events
from carillon.conversations.models import Conversation, Membership
from carillon.realtime.event import Position
from carillon.realtime.outbox import Published


@dataclass(slots=True)
class Outcome:
    """What changed, where the action has something to show; the position is None where nothing changed, and in a host's transaction."""

    published: Published | None = None
    conversation: Conversation | None = None
    membership: Membership | None = None
    message: events.Message | None = None

    @property
    def position(self) -> Position | None:
        """Where the event that tells of it stands in the log."""
        return self.published.position if self.published else None


def key_of(user: Any) -> Any:
    """The key of a user, or the key that was given."""
    return getattr(user, "pk", user)
