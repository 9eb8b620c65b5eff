"""Frames of source 000: a notification with the unread count, and `mark_read` (REQUIREMENTS 000-17 to 000-23, C18)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from carillon.errors import CarillonError, Invalid
from carillon.realtime import codec
from carillon.realtime.command import Command, Reply, invalid_field
from carillon.realtime.dialect import Claim, Control, Refusal, source_close_code
from carillon.realtime.event import Event
from carillon.realtime.topic import user_topic


class BellNotification(msgspec.Struct, frozen=True, kw_only=True):
    """A notification as the document's frames carry it."""

    id: str
    type: str
    title: str
    message: str
    is_read: bool
    created_at: str


class NotificationFrame(msgspec.Struct, frozen=True, kw_only=True):
    """It rings."""

    type: Literal["notification"] = "notification"
    notification: BellNotification
    unread_count: int


class UnreadCountFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The count, after anything else that changes it."""

    type: Literal["unread_count"] = "unread_count"
    unread_count: int


class BellErrorFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something was refused; `fatal` where the connection closes after it."""

    type: Literal["error"]
    error: str
    code: str
    retry_after: float | None = None
    fatal: bool = False


class MarkFrame(msgspec.Struct, frozen=True):
    """A client names one notification."""

    notification_id: str | int


class _Inbox(msgspec.Struct, frozen=True):
    unread: int


class _Counted(msgspec.Struct, frozen=True):
    inbox: _Inbox


class _Created(msgspec.Struct, frozen=True):
    notification: BellNotification
    inbox: _Inbox


class _Answer(msgspec.Struct, frozen=True):
    inbox: _Inbox
    position: Any = None


_MARKS = {"mark_read": "notification.read", "mark_unread": "notification.unread"}
_COUNTED = {
    "notification.updated",
    "notification.deleted",
    "notification.all_read",
    "notification.read_restored",
    "inbox.corrected",
}
_GROUP = re.compile(r"notifications_([A-Za-z0-9][A-Za-z0-9_.-]*)")
_encode = msgspec.json.encode


class BellDialect:
    """Translates source 000."""

    name = "bell"
    subprotocol: str | None = "carillon.bell"
    takes_query_token = True
    has_heartbeat = False
    signs_in_later = False
    forgives_syntax = False

    def decode(self, frame: str) -> Command:
        """mark_read, mark_unread or mark_all_read; raises Invalid."""
        value = codec.decode(frame)
        if not isinstance(value, dict):
            raise Invalid("malformed", "A frame is one JSON object.")
        name = value.get("type")
        if name == "mark_all_read":
            return Command(name="notification.read_all")
        if not isinstance(name, str) or name not in _MARKS:
            raise Invalid("unknown_type", f"There is no frame of type {str(name)[:64]!r}.")
        try:
            mark = msgspec.convert(value, MarkFrame)
        except msgspec.ValidationError as error:
            raise invalid_field(error) from None
        return Command(name=_MARKS[name], data={"ids": [str(mark.notification_id)]})

    def encode_event(self, event: Event) -> bytes | None:
        """A new notification, or the count where something else may have changed it."""
        if event.type == "notification.created":
            told = msgspec.json.decode(event.data, type=_Created)
            return _encode(NotificationFrame(notification=told.notification, unread_count=told.inbox.unread))
        if event.type in _COUNTED:
            return _count(msgspec.json.decode(event.data, type=_Counted).inbox)
        return None

    def encode_reply(self, reply: Reply) -> bytes | None:
        """The count where nothing changed; else the event of the change says it, to every tab."""
        answer = msgspec.json.decode(_encode(reply.data), type=_Answer)
        return _count(answer.inbox) if answer.position is None else None

    def encode_control(self, control: Control) -> None:
        """The document knows none."""

    def encode_refusal(self, refusal: Refusal) -> bytes:
        """What was refused and why."""
        error = refusal.error
        return _encode(
            BellErrorFrame(
                type="error",
                error=error.message,
                code=error.slug,
                retry_after=error.retry_after,
                fatal=refusal.is_fatal,
            )
        )

    def close_code(self, error: CarillonError) -> int:
        """Those that clients of the sources know."""
        return source_close_code(error)

    def from_group(self, group: str, message: Mapping[str, Any]) -> Claim | None:
        """The document's own `group_send`: a person's group, and the handler `send_notification` (REQUIREMENTS 000-19)."""
        person, told = _GROUP.fullmatch(group), message.get("notification")
        # Channels finds the handler of `send.notification` under the same name.
        is_ours = str(message.get("type")).replace(".", "_") == "send_notification"
        if person is None or not is_ours or not isinstance(told, dict):
            return None
        said = {key: message[key] for key in ("notification", "unread_count") if key in message}
        return Claim(user_topic(person[1]), str(told.get("id") or ""), _encode({"type": "notification", **said}))


def _count(inbox: _Inbox) -> bytes:
    return _encode(UnreadCountFrame(unread_count=inbox.unread))
