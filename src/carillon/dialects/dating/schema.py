"""What frames of source 004 look like, and what is read of events (REQUIREMENTS 004-12 to 004-20)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from carillon.conf import settings
from carillon.realtime.dialect import short_id
from carillon.realtime.identity import Person

# From the client.


class ReceiptFrame(msgspec.Struct, frozen=True):
    """Everything up to this message was read."""

    message_id: int


class MarkFrame(msgspec.Struct, frozen=True):
    """A client names one notification."""

    notification_id: str | int


# From the server, on the socket of a conversation.


class ConversationMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message; `is_read` by any other member, which nobody has done when it is said (DESIGN section 7)."""

    id: int
    sender_id: int | str | None
    sender_username: str | None
    sender_profile_picture: str | None
    content: str
    created_at: dt.datetime
    is_read: bool = False
    attachment: None = None

    @classmethod
    def of(cls, message: Message) -> ConversationMessage:
        """A message as an event tells of it."""
        person = message.sender
        return cls(
            id=message.id,
            sender_id=None if person is None else short_id(person.id),
            sender_username=None if person is None else username_of(person),
            sender_profile_picture=None if person is None else absolute(person.avatar),
            content=message.content,
            created_at=message.created_at,
        )


class MessageFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Something was said."""

    type: Literal["message"] = "message"
    message: ConversationMessage


class ReadReceiptFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has read everything up to this message."""

    type: Literal["read_receipt"] = "read_receipt"
    message_id: int
    user_id: int | str
    username: str
    timestamp: dt.datetime


class TypingFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is writing, or no longer."""

    type: Literal["typing"] = "typing"
    user_id: int | str
    username: str
    is_typing: bool


class StatusFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody is there."""

    type: Literal["status"] = "status"
    user_id: int | str
    username: str
    status: str
    timestamp: dt.datetime


class RefusedFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something was refused; `fatal` where the connection closes after it."""

    type: Literal["error"]
    error: str
    code: str
    retry_after: float | None = None
    fatal: bool = False


# From the server, on the socket of notifications.


class Sender(msgspec.Struct, frozen=True):
    """Who wrote."""

    id: int | str
    username: str
    profile_picture: str | None


class NotifiedMessage(msgspec.Struct, frozen=True):
    """The message that one is notified of."""

    id: int
    conversation_id: int
    sender: Sender
    content: str
    created_at: str


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A notification of a message."""

    type: Literal["new_message"] = "new_message"
    timestamp: str
    message: NotifiedMessage

    @classmethod
    def of(cls, notified: Notified) -> NewMessage | None:
        """The message that somebody is notified of; None for everything else, and for what a host wrote under that name."""
        if notified.kind != "new_message":
            return None
        try:
            message = msgspec.convert(notified.data["message"], NotifiedMessage)
        except (KeyError, msgspec.ValidationError):
            return None
        sender = message.sender
        shown = Sender(short_id(str(sender.id)), sender.username, absolute(sender.profile_picture))
        return cls(timestamp=notified.created_at, message=msgspec.structs.replace(message, sender=shown))


class OtherNotification(msgspec.Struct, frozen=True):
    """A notification of a kind that the document does not know: as source 000 has it (REQUIREMENTS C2)."""

    id: str
    type: str
    title: str
    message: str
    is_read: bool
    created_at: str


class NotificationFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody is notified; the count goes with what source 000 says."""

    type: Literal["notification"]
    notification: NewMessage | OtherNotification
    unread_count: int | None = None


class UnreadCountFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a mark."""

    type: Literal["unread_count"] = "unread_count"
    unread_count: int


# Of events and answers.


class Message(msgspec.Struct, frozen=True):
    """What events say of a message."""

    id: int
    kind: str
    content: str
    sender: Person | None
    created_at: dt.datetime


class Sent(msgspec.Struct, frozen=True):
    """`message.sent`."""

    message: Message


class Read(msgspec.Struct, frozen=True):
    """`conversation.read`."""

    face: Person
    at: dt.datetime
    message: int | None = None


class Typing(msgspec.Struct, frozen=True):
    """`typing.changed`."""

    person: Person
    is_typing: bool


class Presence(msgspec.Struct, frozen=True):
    """One of those of whom `presence.changed` and the answer to `presence.watch` tell."""

    id: str
    state: str
    username: str = ""


class Seen(msgspec.Struct, frozen=True):
    """`presence.changed`, and the answer to `presence.watch`."""

    people: list[Presence]


class Notified(msgspec.Struct, frozen=True):
    """What events say of a notification."""

    id: str
    type: str
    kind: str
    title: str
    message: str
    is_read: bool
    created_at: str
    data: dict[str, Any]


class Inbox(msgspec.Struct, frozen=True):
    """A person's counters."""

    unread: int


class Created(msgspec.Struct, frozen=True):
    """`notification.created`."""

    notification: Notified
    inbox: Inbox


class Marked(msgspec.Struct, frozen=True):
    """The answer to `notification.read`."""

    inbox: Inbox


def username_of(person: Person) -> str:
    """What people are called there; who signs in by e-mail has a name only."""
    return person.username or person.name


def absolute(url: str | None) -> str | None:
    """A picture's URL with the server's address, where that is known (REQUIREMENTS 004-15); None for no picture."""
    return settings.PUBLIC_URL + url if url and url.startswith("/") else url or None
