"""What REST and sockets both take and answer of conversations; so a key of idempotency counts over both doors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec

from carillon.conversations import events, queries
from carillon.conversations.actions import Outcome, Sent
from carillon.conversations.models import LONGEST_CONTENT, LONGEST_EMOJI, LONGEST_TITLE
from carillon.conversations.topics import topic_of
from carillon.realtime import log
from carillon.realtime.event import Position

Id = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
# Twice as long as what may be stored: the space around it does not count.
Content = Annotated[str, msgspec.Meta(min_length=1, max_length=2 * LONGEST_CONTENT)]
Title = Annotated[str, msgspec.Meta(max_length=2 * LONGEST_TITLE)]
Link = Annotated[str, msgspec.Meta(max_length=2000)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_EMOJI)]
PersonId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
# As many as one connection may follow, where the host does not say otherwise.
MOST_LOOKED_AT = 100
People = Annotated[list[PersonId], msgspec.Meta(min_length=1, max_length=1000)]


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client asks."""


class NewMessage(_Asked, frozen=True):
    """What is said, and what it answers."""

    content: Content
    reply_to: Id | None = None


class SendMessage(NewMessage, frozen=True, kw_only=True):
    """A message for a conversation."""

    conversation: Id


class Edit(_Asked, frozen=True):
    """Another content."""

    content: Content


class EditMessage(Edit, frozen=True, kw_only=True):
    """Another content for a message."""

    conversation: Id
    message: Id


class OneMessage(_Asked, frozen=True):
    """A message."""

    conversation: Id
    message: Id


class Reacting(_Asked, frozen=True):
    """An emoji that is put under a message, or taken back."""

    emoji: Emoji
    on: bool = True


class ReactToMessage(Reacting, frozen=True, kw_only=True):
    """The same, with the message."""

    conversation: Id
    message: Id


class NewConversation(_Asked, frozen=True):
    """A conversation to open: a direct one with one person, or a group or a room with a title."""

    kind: Literal["direct", "group", "room"]
    people: Annotated[list[PersonId], msgspec.Meta(max_length=1000)]
    title: Title = ""
    picture: Link = ""
    about: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Naming(_Asked, frozen=True):
    """Another title or picture; what is missing stays."""

    title: Title | None = None
    picture: Link | None = None


class NameConversation(Naming, frozen=True, kw_only=True):
    """The same, with the conversation."""

    conversation: Id


class Reading(_Asked, frozen=True):
    """How far somebody has read: up to a number, or a message by its id; without either, everything."""

    up_to: Seq | None = None
    message: Id | None = None


class ReadConversation(Reading, frozen=True, kw_only=True):
    """The same, with the conversation."""

    conversation: Id


class Muting(_Asked, frozen=True):
    """Until when nothing is notified; null: be notified again."""

    until: dt.datetime | None


class MuteConversation(Muting, frozen=True, kw_only=True):
    """The same, with the conversation."""

    conversation: Id


class OneConversation(_Asked, frozen=True):
    """A conversation."""

    conversation: Id


class Adding(_Asked, frozen=True):
    """People to bring in."""

    people: People


class AddMembers(Adding, frozen=True, kw_only=True):
    """The same, with the conversation."""

    conversation: Id


class OneMember(_Asked, frozen=True):
    """Somebody in a conversation."""

    conversation: Id
    person: PersonId


class GivenRole(_Asked, frozen=True):
    """What somebody may do in a conversation."""

    role: events.Role


class SetRole(GivenRole, frozen=True, kw_only=True):
    """The same, with the member."""

    conversation: Id
    person: PersonId


class OnePerson(_Asked, frozen=True):
    """Somebody."""

    person: PersonId


class LookAtConversation(_Asked, frozen=True):
    """The conversation that this connection has before its eyes, null for none; and others, where it shows several."""

    conversation: Id | None
    others: Annotated[list[Id], msgspec.Meta(max_length=MOST_LOOKED_AT)] = []


class SetTyping(_Asked, frozen=True):
    """Whether the caller is writing in a conversation."""

    conversation: Id
    is_typing: bool


class SentMessage(msgspec.Struct, frozen=True):
    """A message as it was stored, and where its event stands; an old one that was sent again has no position."""

    message: events.Message
    position: Position | None


class ConversationChanged(msgspec.Struct, frozen=True):
    """Where the event of a write stands; null where it changed nothing."""

    position: Position | None


class MarkMoved(msgspec.Struct, frozen=True):
    """How one stands in the conversation after reading."""

    mine: events.Mine
    position: Position | None


class ConversationDetail(msgspec.Struct, frozen=True):
    """A conversation whole; events after `position` bring it up to date."""

    conversation: events.Conversation
    members: list[events.Member]
    mine: events.Mine
    position: Position


def sent(result: Sent) -> SentMessage:
    """What sending answers."""
    return SentMessage(result.message, result.position)


def message_changed(outcome: Outcome) -> Callable[[], SentMessage]:
    """What a change of a message answers, once its position is known."""
    state = outcome.message
    assert state is not None  # noqa: S101 - every change of a message has one
    return lambda: SentMessage(state, outcome.position)


def changed(outcome: Outcome) -> Callable[[], ConversationChanged]:
    """What any other write answers, once its position is known."""
    return lambda: ConversationChanged(outcome.position)


def mark_moved(outcome: Outcome) -> Callable[[], MarkMoved]:
    """What reading answers."""
    membership = outcome.membership
    assert membership is not None  # noqa: S101 - reading has one
    mine = queries.mine_of(membership, is_blocking=queries.blocks_other(membership))
    return lambda: MarkMoved(mine, outcome.position)


def detail_of(user: Any, conversation: int) -> ConversationDetail:
    """A conversation as one of its members sees it; raises NotFound.

    The position is taken first: what is told after it may be in the snapshot already, and changes nothing then.
    """
    membership = queries.present_membership(user, conversation)
    queries.visible_offset_of(membership)
    position = log.head(topic_of(conversation)).position
    membership = queries.present_membership(user, conversation)
    return ConversationDetail(
        conversation=events.Conversation.of(membership.conversation),
        members=queries.members_of(conversation),
        mine=queries.mine_of(membership, is_blocking=queries.blocks_other(membership)),
        position=position,
    )
