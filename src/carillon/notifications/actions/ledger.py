"""Ledger: some people's counters, locked, while their notifications change; it numbers, counts and announces."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from carillon.notifications import events
from carillon.notifications.models import Inbox, Notification, StagedChange
from carillon.notifications.signals import announce_created
from carillon.notifications.topics import topic_of
from carillon.people.queries import people_of
from carillon.realtime import log
from carillon.realtime.outbox import Publish, Published

# More pending rows of one call wait for the next sweep.
MAX_PENDING = 2000
MAX_IN_EVENT = 100
_TABLE = Inbox._meta.db_table
_ROWS = Notification._meta.db_table
_STAGED = StagedChange._meta.db_table
_KEY = Inbox._meta.pk


class Ledger:
    """The locked inboxes of some people, inside an outbox of ours; call `close` last."""

    def __init__(self, publish: Publish, users: Iterable[Any]) -> None:
        self.publish = publish
        self.inboxes = lock_inboxes(users)
        self._before = {user: _figures(inbox) for user, inbox in self.inboxes.items()}

    def count(self, user: Any, unread: int, unseen: int) -> events.Inbox:
        """Change a person's counters; returns them as the event of this change carries them."""
        inbox = self.inboxes[user]
        inbox.unread += unread
        inbox.unseen += unseen
        inbox.version += 1
        return events.Inbox.of(inbox)

    def next_number(self, user: Any) -> int:
        """The number of this person's next notification."""
        self.inboxes[user].last_number += 1
        return self.inboxes[user].last_number

    def settle(self, wanted: Q | None = None) -> None:
        """Announce what is pending for these people, and tell what hosts changed; lock the `wanted` rows with the pending ones."""
        if not self._has_waiting():
            if wanted is not None:
                lock_rows(self.inboxes, wanted)
            return
        pending = Q(announced_at=None)
        lock_rows(self.inboxes, pending if wanted is None else pending | wanted)
        self.announce(_pending(self.inboxes))
        changes = list(StagedChange.objects.filter(user__in=list(self.inboxes)).order_by("pk"))
        if changes:
            StagedChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
            self.recount({change.user_id for change in changes})
            for change in changes:
                _TELL[change.type](self, change.user_id, change.data)

    def _has_waiting(self) -> bool:
        """Whether anything is pending or staged: the usual answer is no, and costs one statement."""
        connection = log.connection()
        keys = [_KEY.get_db_prep_value(user, connection) for user in self.inboxes]
        if not keys:
            return False
        marks = ", ".join(["%s"] * len(keys))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {_ROWS} WHERE announced_at IS NULL AND user_id IN ({marks}))"  # noqa: S608
                f" OR EXISTS (SELECT 1 FROM {_STAGED} WHERE user_id IN ({marks}))",
                [*keys, *keys],
            )
            return bool(cursor.fetchone()[0])

    def announce(self, rows: Sequence[Notification], *, is_inserted_now: bool = False) -> None:
        """Number these rows, count them and ring; `is_inserted_now` where the caller numbered and stored them itself."""
        if not rows:
            return
        if not is_inserted_now:
            now = timezone.now()
            for row in rows:
                self.prepare(row, now)
            Notification.objects.bulk_update(rows, ["number", "announced_at", "seen_at"], batch_size=500)
        faces = people_of(events.actors_of(rows))
        for row in rows:
            inbox = self.count(row.user_id, *row.counts)
            self.publish(
                topic_of(row.user_id),
                events.NotificationCreated(notification=events.Notification.of(row, faces), inbox=inbox),
            )
        announce_created(self.publish, rows)

    def prepare(self, row: Notification, now: dt.datetime) -> None:
        """Give a row its number and the time of its announcement."""
        row.number, row.announced_at = self.next_number(row.user_id), now
        if row.is_read and row.seen_at is None:
            row.seen_at = now

    def tell_updated(
        self, user: Any, rows: Sequence[Notification], unread: int = 0, unseen: int = 0
    ) -> Published | None:
        """Announce the present state of rows, and what that changes in the counters."""
        faces = people_of(events.actors_of(rows))
        published = None
        for start in range(0, len(rows), MAX_IN_EVENT):
            chunk = [events.Notification.of(row, faces) for row in rows[start : start + MAX_IN_EVENT]]
            inbox = self.count(user, unread, unseen)
            unread = unseen = 0
            published = self.publish(topic_of(user), events.NotificationUpdated(notifications=chunk, inbox=inbox))
        return published

    def recount(self, users: Iterable[Any]) -> bool:
        """Count these people's announced rows anew; says whether a counter had drifted."""
        found = recounted(users)
        has_drifted = False
        for user in users:
            inbox, (unread, unseen) = self.inboxes[user], found.get(user, (0, 0))
            has_drifted = has_drifted or (inbox.unread, inbox.unseen) != (unread, unseen)
            inbox.unread, inbox.unseen = unread, unseen
        return has_drifted

    def close(self) -> None:
        """Store the counters: one statement for all who changed alike."""
        groups: defaultdict[tuple[int, ...], list[Any]] = defaultdict(list)
        for user, inbox in self.inboxes.items():
            change = tuple(after - before for after, before in zip(_figures(inbox), self._before[user], strict=True))
            if any(change):
                groups[change].append(user)
        for (unread, unseen, version, numbers), users in groups.items():
            Inbox.objects.filter(pk__in=users).update(
                unread=F("unread") + unread,
                unseen=F("unseen") + unseen,
                version=F("version") + version,
                last_number=F("last_number") + numbers,
            )


def lock_inboxes(users: Iterable[Any]) -> dict[Any, Inbox]:
    """Lock these people's counters, in sorted order and in one statement, making those that are missing."""
    connection = log.connection()
    keys = [_KEY.get_db_prep_value(user, connection) for user in sorted(set(users), key=str)]
    if not keys:
        return {}
    values = ", ".join(["(%s)"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} (user_id) VALUES {values} ON CONFLICT (user_id) DO UPDATE SET version = {_TABLE}.version"  # noqa: S608
            " RETURNING user_id, unread, unseen, version, last_number",
            keys,
        )
        rows = cursor.fetchall()
    inboxes = [
        Inbox(user_id=_KEY.to_python(user), unread=unread, unseen=unseen, version=version, last_number=number)
        for user, unread, unseen, version, number in rows
    ]
    return {inbox.user_id: inbox for inbox in inboxes}


def recounted(users: Iterable[Any]) -> dict[Any, tuple[int, int]]:
    """(unread, unseen) of these people as their rows say; who has none is missing."""
    rows = (
        Notification.objects.in_inbox()
        .filter(Q(is_read=False) | Q(seen_at=None), user__in=list(users))
        .values_list("user")
        .annotate(unread=Count("pk", filter=Q(is_read=False)), unseen=Count("pk", filter=Q(seen_at=None)))
        .order_by()
    )
    return {user: (unread, unseen) for user, unread, unseen in rows}


def _figures(inbox: Inbox) -> tuple[int, int, int, int]:
    return inbox.unread, inbox.unseen, inbox.version, inbox.last_number


def lock_rows(users: Iterable[Any], wanted: Q) -> None:
    """Lock these people's wanted rows by key, in one statement: two writers that lock in different orders deadlock."""
    if log.connection().features.has_select_for_update:
        rows = Notification.objects.filter(wanted, user__in=list(users)).select_for_update(of=("self",)).order_by("pk")
        for _ in rows.values_list("pk").iterator():
            pass


def _pending(users: Iterable[Any]) -> list[Notification]:
    rows = Notification.objects.pending().filter(user__in=list(users))
    return list(rows.order_by("user", "created_at", "pk")[:MAX_PENDING])


# What a host's transaction changed, told after its commit. A range is followed by the rows that no longer agree with it.


def _updated(ledger: Ledger, user: Any, data: dict[str, Any]) -> None:
    ledger.tell_updated(user, list(Notification.objects.announced().filter(user=user, pk__in=data["ids"])))


def _deleted(ledger: Ledger, user: Any, data: dict[str, Any]) -> None:
    ledger.publish(topic_of(user), events.NotificationDeleted(ids=data["ids"], inbox=ledger.count(user, 0, 0)))


def _all_read(ledger: Ledger, user: Any, data: dict[str, Any]) -> None:
    up_to, read_at = data["up_to"], dt.datetime.fromisoformat(data["read_at"])
    ledger.publish(
        topic_of(user), events.NotificationAllRead(up_to=up_to, read_at=read_at, inbox=ledger.count(user, 0, 0))
    )
    ledger.tell_updated(user, list(Notification.objects.in_inbox().filter(user=user, number__lte=up_to, is_read=False)))


def _all_seen(ledger: Ledger, user: Any, data: dict[str, Any]) -> None:
    ledger.publish(topic_of(user), events.NotificationAllSeen(up_to=data["up_to"], inbox=ledger.count(user, 0, 0)))


def _read_cleared(ledger: Ledger, user: Any, data: dict[str, Any]) -> None:
    up_to = data["up_to"]
    ledger.publish(topic_of(user), events.NotificationReadCleared(up_to=up_to, inbox=ledger.count(user, 0, 0)))
    ledger.tell_updated(user, list(Notification.objects.announced().filter(user=user, number__lte=up_to, is_read=True)))


_TELL = {
    "updated": _updated,
    "deleted": _deleted,
    "all_read": _all_read,
    "all_seen": _all_seen,
    "read_cleared": _read_cleared,
}
