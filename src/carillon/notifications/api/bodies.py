"""What the routes of notifications take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec

from carillon.notifications import events
from carillon.notifications.buttons import Button
from carillon.notifications.requests import Ids
from carillon.realtime.event import Position

Title = Annotated[str, msgspec.Meta(max_length=255)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class NotificationPage(msgspec.Struct, frozen=True):
    """A page of notifications, newest first; events after `position` bring it up to date."""

    results: list[events.Notification]
    next: str | None
    inbox: events.Inbox
    position: Position


class NotificationDetail(msgspec.Struct, frozen=True):
    """One notification."""

    notification: events.Notification
    inbox: events.Inbox
    position: Position


class Counters(msgspec.Struct, frozen=True):
    """A person's counters."""

    inbox: events.Inbox
    position: Position


class Wake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a snoozed notification comes back."""

    until: dt.datetime


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action on several notifications; `until` when it is snooze."""

    action: Literal["read", "unread", "archive", "unarchive", "snooze", "unsnooze", "delete"]
    ids: Ids
    until: dt.datetime | None = None


class Audience(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everybody whose profile has this role, or simply everybody whose account is active; one of the two."""

    role: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | msgspec.UnsetType = msgspec.UNSET
    everyone: Literal[True] | msgspec.UnsetType = msgspec.UNSET


class Someone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person by user name, or by the service's own id; one of the two."""

    username: Name | msgspec.UnsetType = msgspec.UNSET
    external_id: ExternalId | msgspec.UnsetType = msgspec.UNSET


class NewNotification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notification for others: people by user name, by the ids of the service whose key it is, or an audience; repeats count once."""

    recipients: Annotated[list[Name], msgspec.Meta(max_length=1000)] = []
    external_ids: Annotated[list[ExternalId], msgspec.Meta(max_length=1000)] = []
    audience: Audience | None = None
    actor: Someone | None = None
    title: Title = ""
    message: Annotated[str, msgspec.Meta(max_length=8000)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=100)] = ""
    params: dict[str, Any] = {}
    type: Annotated[str, msgspec.Meta(max_length=32)] = ""
    severity: str = ""
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    icon: Annotated[str, msgspec.Meta(max_length=64)] = ""
    data: dict[str, Any] = {}
    message_id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    group_key: Annotated[str, msgspec.Meta(max_length=200)] = ""
    dedupe_key: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    buttons: list[Button] | None = None


class Sent(msgspec.Struct, frozen=True):
    """The ids of what was stored, or of the fan-out that will store it."""

    ids: list[str]
    fanout_id: str | None
