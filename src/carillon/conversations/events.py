"""What conversations announce: whole states, or ranges with a bound; nothing in them depends on who reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from carillon.conversations import models
from carillon.realtime.event import Fact, fact
from carillon.realtime.identity import Person

MOST_NAMED = 50
EXCERPT = 200

Kind = Literal["direct", "group", "room"]
Role = Literal["owner", "admin", "member"]


class Mention(msgspec.Struct, frozen=True):
    """Somebody named in a message: `name` as it is written after the @; the person `*` is everybody."""

    person: str
    name: str


class Quote(msgspec.Struct, frozen=True):
    """The beginning of a message that is answered; without content when that one was deleted, or is from before some members came."""

    id: int
    seq: int
    sender: Person | None
    content: str
    is_deleted: bool = False


class Reactions(msgspec.Struct, frozen=True):
    """One emoji under a message: how many people gave it, and the first MOST_NAMED of them."""

    emoji: str
    count: int
    people: list[str]


class System(msgspec.Struct, frozen=True):
    """What happened to the conversation, and by whom."""

    type: Literal["created", "member_added", "member_removed", "member_left", "renamed"]
    actor: Person | None = None
    people: list[Person] = []
    title: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message, whole, as every member sees it."""

    id: int
    conversation: int
    seq: int
    client_id: str
    sender: Person | None
    kind: Literal["text", "system"]
    content: str
    mentions: list[Mention]
    reply_to: Quote | None
    reactions: list[Reactions]
    system: System | None
    attachment: None = None
    created_at: dt.datetime
    edited_at: dt.datetime | None
    deleted_at: dt.datetime | None

    @classmethod
    def of(cls, row: models.Message, faces: Mapping[str, Person], reactions: Iterable[Reactions] = ()) -> Message:
        """The state of a row; `faces` holds its sender."""
        is_deleted = row.deleted_at is not None
        return cls(
            id=row.pk,
            conversation=row.conversation_id,
            seq=row.seq,
            client_id=row.client_id or "",
            sender=faces.get(str(row.sender_id)) if row.sender_id is not None else None,
            kind="text" if row.system is None else "system",
            content="" if is_deleted else row.content,
            mentions=[] if is_deleted else msgspec.convert(row.mentions, list[Mention]),
            reply_to=None if is_deleted or row.quote is None else msgspec.convert(row.quote, Quote),
            reactions=[] if is_deleted else list(reactions),
            system=None if row.system is None else msgspec.convert(row.system, System),
            created_at=row.created_at,
            edited_at=None if is_deleted else row.edited_at,
            deleted_at=row.deleted_at,
        )


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What every member sees of a conversation; of two, the higher version is the later."""

    id: int
    kind: Kind
    title: str
    picture: str
    about: str
    created_at: dt.datetime
    last_seq: int
    member_count: int
    version: int

    @classmethod
    def of(cls, row: models.Conversation) -> Conversation:
        """The state of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__struct_fields__})


class Member(msgspec.Struct, frozen=True):
    """Somebody who is in a conversation, and how far they have read."""

    person: Person
    role: Role
    joined_at: dt.datetime
    read_up_to: int
    read_at: dt.datetime | None


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """What is one's own in a conversation; nothing up to message `visible_from` is shown to one."""

    role: Role
    read_up_to: int
    visible_from: int
    unread: int
    is_mentioned: bool
    muted_until: dt.datetime | None
    blocks: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of somebody's list of conversations; `people` are some of the others, later `activity` comes first."""

    conversation: Conversation
    people: list[Person]
    last_message: Message | None
    mine: Mine
    activity: int


def people_in(rows: Iterable[models.Message]) -> set[Any]:
    """The keys of those who sent these."""
    return {row.sender_id for row in rows if row.sender_id is not None}


# On the topic of the conversation.


@fact("message.sent")
class MessageSent(Fact, frozen=True, kw_only=True):
    """Something was said; its sender has read up to it."""

    message: Message


@fact("message.edited")
class MessageEdited(Fact, frozen=True, kw_only=True):
    """A message says something else now."""

    message: Message


@fact("message.deleted")
class MessageDeleted(Fact, frozen=True, kw_only=True):
    """A message is gone but for its place; what quotes it quotes nothing any more."""

    message: Message


@fact("message.reacted")
class MessageReacted(Fact, frozen=True, kw_only=True):
    """The reactions under a message changed."""

    message: Message


@fact("message.changed")
class MessageChanged(Fact, frozen=True, kw_only=True):
    """A message that not every member may see was edited or reacted to: who has it fetches it again."""

    conversation: int
    message: int
    seq: int


@fact("conversation.read")
class ConversationRead(Fact, frozen=True, kw_only=True):
    """Somebody has read every message up to `up_to`, which has the id `message`."""

    conversation: int
    person: str
    up_to: int
    message: int | None
    at: dt.datetime
    face: Person


@fact("conversation.updated")
class ConversationUpdated(Fact, frozen=True, kw_only=True):
    """Its title or picture changed."""

    conversation: Conversation


@fact("member.joined")
class MemberJoined(Fact, frozen=True, kw_only=True):
    """These are in it now."""

    members: list[Member]
    conversation: Conversation


@fact("member.left")
class MemberLeft(Fact, frozen=True, kw_only=True):
    """These are not in it any more."""

    people: list[str]
    conversation: Conversation


@fact("member.changed")
class MemberChanged(Fact, frozen=True, kw_only=True):
    """A member has another role."""

    member: Member


@fact("typing.changed")
class TypingChanged(Fact, frozen=True, kw_only=True):
    """Somebody is writing, or no longer; without another word they stopped after six seconds."""

    conversation: int
    person: Person
    is_typing: bool


# On the topic of a person.


@fact("conversation.touched")
class ConversationTouched(Fact, frozen=True, kw_only=True):
    """A line of the person's list stands now as it is here."""

    entry: Entry


@fact("conversation.gone")
class ConversationGone(Fact, frozen=True, kw_only=True):
    """The person is not in this conversation any more."""

    conversation: int


@fact("person.blocked")
class PersonBlocked(Fact, frozen=True, kw_only=True):
    """The person blocks somebody, or no longer."""

    person: str
    is_blocked: bool
