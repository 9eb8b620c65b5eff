"""What is asked of presence, on sockets and over REST, and the answer."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from carillon.presence.events import PersonPresence

MOST_PEOPLE, MOST_CONVERSATIONS = 500, 20

PersonId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ConversationId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class SetPresence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether one is at this device or away from it."""

    state: Literal["online", "away"]


class WatchPresence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People by their ids, and conversations whose members are meant."""

    people: Annotated[list[PersonId], msgspec.Meta(max_length=MOST_PEOPLE)] = []
    conversations: Annotated[list[ConversationId], msgspec.Meta(max_length=MOST_CONVERSATIONS)] = []

    @property
    def groups(self) -> list[str]:
        """The groups that presence knows the conversations as."""
        return [f"conversation:{number}" for number in self.conversations]


class Presences(msgspec.Struct, frozen=True):
    """How those of them are whom one may see; others are left out."""

    people: list[PersonPresence]
