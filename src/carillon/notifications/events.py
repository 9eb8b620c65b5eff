"""What notifications announce on their person's topic: whole states, or ranges with a bound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import msgspec

from carillon.notifications import buttons, models
from carillon.realtime.event import Fact, encode_json, fact
from carillon.realtime.identity import Person


class Inbox(msgspec.Struct, frozen=True):
    """A person's counters, absolute; of two, the higher version is the later."""

    unread: int = 0
    unseen: int = 0
    version: int = 0
    last_number: int = 0

    @classmethod
    def of(cls, row: models.Inbox) -> Inbox:
        """The counters of a row."""
        return cls(row.unread, row.unseen, row.version, row.last_number)


class Notification(msgspec.Struct, frozen=True):
    """A notification, whole, as its person sees it."""

    id: str
    number: int
    type: str
    severity: Literal["info", "success", "warning", "error"]
    kind: str
    title: str
    message: str
    url: str
    icon: str
    group_key: str
    actor: Person | None
    data: dict[str, Any]
    message_id: str
    is_read: bool
    is_seen: bool
    is_archived: bool
    snoozed_until: dt.datetime | None
    read_at: dt.datetime | None
    created_at: dt.datetime

    @classmethod
    def of(cls, row: models.Notification, faces: Mapping[str, Person]) -> Notification:
        """The state of a row; `faces` holds its actor."""
        return cls(
            id=row.pk,
            number=row.number or 0,
            type=row.type,
            severity=cast(Any, row.severity if row.severity in models.SEVERITIES else "info"),
            kind=row.kind,
            title=row.title,
            message=row.message,
            # Below, what a row may hold that came from SQL and that nobody validated.
            url=row.url if models.is_safe_url(row.url) else "",
            icon=row.icon,
            group_key=row.group_key,
            actor=faces.get(str(row.actor_id)) if row.actor_id is not None else None,
            data=buttons.shown(row),
            message_id=row.message_id,
            is_read=row.is_read,
            is_seen=row.seen_at is not None,
            is_archived=row.archived_at is not None,
            snoozed_until=row.snoozed_until,
            read_at=row.read_at,
            created_at=row.created_at,
        )


_OWN = b'{"id":"","number":0'


class Stencil:
    """A notification as events carry it, encoded once for all of its copies but for what is each one's own."""

    __slots__ = ("_rest",)

    def __init__(self, state: Notification) -> None:
        self._rest = encode_json(msgspec.structs.replace(state, id="", number=0)).removeprefix(_OWN)

    def copy(self, id: str, number: int) -> Notification:
        """The copy of this id and number: to be encoded, and for nothing else."""
        own = b'{"id":%b,"number":%d' % (encode_json(id), number)
        return cast(Notification, msgspec.Raw(own + self._rest))


def actors_of(rows: Iterable[models.Notification]) -> set[Any]:
    """The keys of the people who caused these."""
    return {row.actor_id for row in rows if row.actor_id is not None}


@fact("notification.created")
class NotificationCreated(Fact, frozen=True, kw_only=True):
    """Someone is notified: it rings. Also said when a snooze ends, with a new number."""

    notification: Notification
    inbox: Inbox


@fact("notification.updated")
class NotificationUpdated(Fact, frozen=True, kw_only=True):
    """These stand now as they are here."""

    notifications: list[Notification]
    inbox: Inbox


@fact("notification.deleted")
class NotificationDeleted(Fact, frozen=True, kw_only=True):
    """These are gone."""

    ids: list[str]
    inbox: Inbox


@fact("notification.all_read")
class NotificationAllRead(Fact, frozen=True, kw_only=True):
    """Every unread one in the inbox with number up to `up_to` is now read (and seen), at `read_at`."""

    up_to: int
    read_at: dt.datetime
    inbox: Inbox


@fact("notification.read_restored")
class NotificationReadRestored(Fact, frozen=True, kw_only=True):
    """Every one with number up to `up_to` that was read at `read_at` is unread again."""

    up_to: int
    read_at: dt.datetime
    inbox: Inbox


@fact("notification.all_seen")
class NotificationAllSeen(Fact, frozen=True, kw_only=True):
    """Every one with number up to `up_to` has been seen."""

    up_to: int
    inbox: Inbox


@fact("notification.read_cleared")
class NotificationReadCleared(Fact, frozen=True, kw_only=True):
    """Every read one with number up to `up_to` is gone."""

    up_to: int
    inbox: Inbox


@fact("inbox.corrected")
class InboxCorrected(Fact, frozen=True, kw_only=True):
    """The counters were counted again; with `items_changed`, notifications came or got other numbers unsaid: fetch them again."""

    inbox: Inbox
    items_changed: Literal[True] | msgspec.UnsetType = msgspec.UNSET
