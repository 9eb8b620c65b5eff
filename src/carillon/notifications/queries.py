"""Reading a person's notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from carillon.errors import Invalid, NotFound
from carillon.notifications import events, models
from carillon.people.queries import people_of

VIEWS = ("inbox", "archive", "snoozed")
MAX_TEXT = 200
_EXACT = ("type", "kind", "severity")


class Filters(msgspec.Struct, frozen=True):
    """Which notifications of a person are wanted; empty means any. `category` is the type or the kind (REQUIREMENTS C2)."""

    view: str = "inbox"
    unread: bool = False
    category: str = ""
    type: str = ""
    kind: str = ""
    severity: str = ""
    q: str = ""


def filters_of(query: Mapping[str, str]) -> Filters:
    """Read the filters of a query string; raises Invalid naming the one that is wrong."""
    view = query.get("view", "inbox")
    if view not in VIEWS:
        raise _refused("view", f"one of {', '.join(VIEWS)} expected")
    texts = {name: _text(query, name) for name in (*_EXACT, "q")}
    return Filters(view=view, unread=_flag(query, "unread"), **texts)


def flat_filters_of(query: Mapping[str, str]) -> Filters:
    """Read the filters that the sources ask for, `unread_only` and `type` (REQUIREMENTS 001-21); raises Invalid."""
    return Filters(unread=_flag(query, "unread_only"), category=_text(query, "type"))


def rows_of(user: Any, filters: Filters) -> QuerySet[models.Notification]:
    """The announced notifications of a person that pass the filters, unordered."""
    rows = models.Notification.objects.filter(user=user).announced().order_by()
    if filters.view == "inbox":
        rows = rows.in_inbox()
    elif filters.view == "archive":
        rows = rows.filter(archived_at__isnull=False)
    else:
        rows = rows.filter(snoozed_until__isnull=False)
    exact = {name: getattr(filters, name) for name in _EXACT if getattr(filters, name)}
    rows = rows.filter(**exact)
    if filters.category:
        rows = rows.filter(Q(type=filters.category) | Q(kind=filters.category))
    if filters.unread:
        rows = rows.filter(is_read=False)
    return rows.filter(Q(title__icontains=filters.q) | Q(message__icontains=filters.q)) if filters.q else rows


def row_of(user: Any, id: str) -> models.Notification:
    """One announced notification of a person; raises NotFound for another's as for none."""
    row = models.Notification.objects.filter(user=user, pk=id).announced().first()
    if row is None:
        raise NotFound("not_found", "There is no such notification.")
    return row


def states_of(rows: Sequence[models.Notification]) -> list[events.Notification]:
    """What clients see of these rows, with their actors in one query."""
    faces = people_of(events.actors_of(rows))
    return [events.Notification.of(row, faces) for row in rows]


def inbox_of(user: Any) -> events.Inbox:
    """A person's counters."""
    row = models.Inbox.objects.filter(pk=user).first()
    return events.Inbox.of(row) if row else events.Inbox()


def hold_inbox(user: Any) -> None:
    """Keep everybody from changing this person's notifications until the transaction ends: every writer locks the inbox first."""
    models.Inbox.objects.select_for_update().filter(pk=user).first()


def _flag(query: Mapping[str, str], name: str) -> bool:
    # Python clients write True.
    given = query.get(name, "").lower()
    if given not in ("", "true", "false", "1", "0"):
        raise _refused(name, "true or false expected")
    return given in ("true", "1")


def _text(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "")
    if len(text) > MAX_TEXT or "\0" in text:
        raise _refused(name, f"at most {MAX_TEXT} characters expected")
    return text


def _refused(name: str, message: str) -> Invalid:
    return Invalid("invalid", f"{name.capitalize()}: {message}.", details=[{"field": name, "message": message}])
