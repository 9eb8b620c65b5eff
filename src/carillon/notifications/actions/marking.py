"""What people do with their notifications: see, read, keep for later, put away, throw away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from carillon.errors import Invalid
from carillon.notifications import events
from carillon.notifications.actions.desk import Outcome, open_desk
from carillon.notifications.models import Notification
from carillon.realtime.outbox import action

MAX_SNOOZE = dt.timedelta(days=366)


@action
def mark_read(user: Any, ids: Sequence[str]) -> Outcome:
    """Mark these read (and seen); raises NotFound where none of them is this person's."""
    now = timezone.now()

    def change(row: Notification) -> bool:
        if row.is_read:
            return False
        row.is_read, row.read_at, row.seen_at = True, now, row.seen_at or now
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["is_read", "read_at", "seen_at"])
    return desk.outcome


@action
def read_group(user: Any, group_key: str, *, skip_locked: bool = False) -> Outcome:
    """Mark all of a group read (and seen), because what it tells of was; where nothing of it is unread nothing changes.

    With `skip_locked`, for whoever has locked more already, what somebody else holds stays as it is.
    """
    now = timezone.now()

    def change(row: Notification) -> bool:
        row.is_read, row.read_at, row.seen_at = True, now, row.seen_at or now
        return True

    wanted = Q(group_key=group_key, is_read=False)
    with open_desk(user, wanted, skip_locked=skip_locked) as desk:
        rows = list(desk.locked.announced().filter(wanted)[:1000])
        if rows:
            desk.update(rows, change, ["is_read", "read_at", "seen_at"])
    return desk.outcome


@action
def mark_unread(user: Any, ids: Sequence[str]) -> Outcome:
    """Mark these unread again; raises NotFound where none of them is this person's."""

    def change(row: Notification) -> bool:
        if not row.is_read:
            return False
        row.is_read, row.read_at = False, None
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["is_read", "read_at"])
    return desk.outcome


@action
def mark_seen(user: Any, up_to: int) -> Outcome:
    """Mark everything with number up to `up_to` as seen: the person has opened the list."""
    with open_desk(user, Q(number__lte=up_to, seen_at=None)) as desk:
        rows = desk.locked.announced().filter(number__lte=up_to, seen_at=None)
        _, unseen = desk.counts(rows)
        if rows.update(seen_at=timezone.now()):
            desk.tell("all_seen", events.NotificationAllSeen, 0, -unseen, up_to=up_to)
    return desk.outcome


@action
def mark_all_read(user: Any, up_to: int | None = None) -> Outcome:
    """Mark the whole inbox read, or what has a number up to `up_to`; the outcome's stamp undoes it."""
    now = timezone.now()
    with open_desk(user, Q(is_read=False)) as desk:
        bound = desk.last_number if up_to is None else min(up_to, desk.last_number)
        rows = desk.locked.in_inbox().filter(number__lte=bound, is_read=False)
        unread, unseen = desk.counts(rows)
        if rows.update(is_read=True, read_at=now, seen_at=Coalesce("seen_at", now)):
            desk.tell("all_read", events.NotificationAllRead, -unread, -unseen, up_to=bound, read_at=now)
        desk.outcome.stamp = f"{bound}.{round(now.timestamp() * 1_000_000)}"
    return desk.outcome


@action
def restore_unread(user: Any, stamp: str) -> Outcome:
    """Undo a mark-all-read by its stamp: what it marked and nobody touched since is unread again; raises Invalid for a bad stamp."""
    up_to, read_at = _parse_stamp(stamp)
    with open_desk(user, Q(number__lte=up_to, read_at=read_at)) as desk:
        rows = desk.locked.announced().filter(number__lte=up_to, is_read=True, read_at=read_at)
        if desk.ledger is None:
            desk.update(list(rows[:1000]), _restore, ["is_read", "read_at"])
        else:
            unread = rows.filter(archived_at=None, snoozed_until=None).count()
            if rows.update(is_read=False, read_at=None):
                desk.tell("read_restored", events.NotificationReadRestored, unread, 0, up_to=up_to, read_at=read_at)
    return desk.outcome


@action
def archive(user: Any, ids: Sequence[str]) -> Outcome:
    """Put these away, read and seen; raises NotFound where none of them is this person's."""
    now = timezone.now()

    def change(row: Notification) -> bool:
        if row.archived_at is not None:
            return False
        row.archived_at, row.snoozed_until = now, None
        row.is_read, row.read_at, row.seen_at = True, row.read_at or now, row.seen_at or now
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["archived_at", "snoozed_until", "is_read", "read_at", "seen_at"])
    return desk.outcome


@action
def unarchive(user: Any, ids: Sequence[str]) -> Outcome:
    """Bring these back into the inbox, where they stand as read."""

    def change(row: Notification) -> bool:
        if row.archived_at is None:
            return False
        row.archived_at = None
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["archived_at"])
    return desk.outcome


@action
def snooze(user: Any, ids: Sequence[str], until: dt.datetime) -> Outcome:
    """Take these out of the inbox until a time within a year, when they ring again; raises Invalid for another time."""
    now = timezone.now()
    if until.tzinfo is None or not now < until <= now + MAX_SNOOZE:
        raise Invalid(
            "invalid", "Choose a time within the next year.", details=[{"field": "until", "message": "out of range"}]
        )

    def change(row: Notification) -> bool:
        row.snoozed_until, row.archived_at = until, None
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["snoozed_until", "archived_at"])
    return desk.outcome


@action
def unsnooze(user: Any, ids: Sequence[str]) -> Outcome:
    """Bring snoozed ones back now, where they were."""

    def change(row: Notification) -> bool:
        if row.snoozed_until is None:
            return False
        row.snoozed_until = None
        return True

    with open_desk(user, ids=ids) as desk:
        desk.update(desk.rows(ids), change, ["snoozed_until"])
    return desk.outcome


@action
def delete(user: Any, ids: Sequence[str]) -> Outcome:
    """Delete these for good; raises NotFound where none of them is this person's."""
    with open_desk(user, ids=ids) as desk:
        desk.delete(desk.rows(ids))
    return desk.outcome


@action
def clear_read(user: Any, up_to: int | None = None) -> Outcome:
    """Delete everything read, or what of it has a number up to `up_to`."""
    with open_desk(user, Q(is_read=True)) as desk:
        bound = desk.last_number if up_to is None else min(up_to, desk.last_number)
        rows = desk.locked.announced().filter(number__lte=bound, is_read=True)
        _, unseen = desk.counts(rows)
        if rows.delete()[0]:
            desk.tell("read_cleared", events.NotificationReadCleared, 0, -unseen, up_to=bound)
    return desk.outcome


@action
def edit(user: Any, id: str, **columns: Any) -> Outcome:
    """Change the words or the link of a notification; raises NotFound, and Invalid for a link that may not be opened."""

    def change(row: Notification) -> bool:
        for column, value in columns.items():
            setattr(row, column, value)
        row.clean_fields(exclude=["data", "params"])
        return True

    with open_desk(user, ids=[id]) as desk:
        desk.update(desk.rows([id]), change, list(columns))
    return desk.outcome


def _restore(row: Notification) -> bool:
    row.is_read, row.read_at = False, None
    return True


def _parse_stamp(stamp: str) -> tuple[int, dt.datetime]:
    try:
        bound, moment = (int(part) for part in stamp.split("."))
        return bound, dt.datetime.fromtimestamp(0, tz=dt.UTC) + dt.timedelta(microseconds=moment)
    except (ValueError, OverflowError):
        raise Invalid(
            "invalid", "This is not a stamp of ours.", details=[{"field": "stamp", "message": "unknown"}]
        ) from None
