"""Ledger: some people's counters, locked, while their notifications change; it numbers, counts and announces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from carillon.notifications import events
from carillon.notifications.actions.sets import (
    Counters,
    is_anything_waiting,
    lock_and_look,
    lock_rows,
    recounted,
    store_inboxes,
    store_numbers,
)
from carillon.notifications.models import Notification, StagedChange
from carillon.notifications.signals import announce_created
from carillon.notifications.topics import topic_of
from carillon.people.queries import people_of
from carillon.realtime.outbox import Publish, Published

# More pending rows of one call wait for the next sweep.
MAX_PENDING = 2000
MAX_IN_EVENT = 100


class Ledger:
    """The locked inboxes of some people, inside an outbox of ours; call `close` last."""

    def __init__(
        self,
        publish: Publish,
        users: Iterable[Any],
        locked: Mapping[Any, Counters] | None = None,
        new: Mapping[Any, int] | None = None,
        *,
        is_waiting: bool | None = None,
    ) -> None:
        """Lock the inboxes, unless they are `locked`; `new` ones of each person are counted in the database in advance.

        What is counted in advance and does not come, `close` takes back. `is_waiting`: whether anything of people whose
        inboxes are locked is pending or staged, where that is known.
        """
        self.publish = publish
        if locked is None:
            self.inboxes, self._is_waiting = lock_and_look(users, new)
        else:
            self.inboxes = {user: locked[user] for user in users}
            self._is_waiting = is_anything_waiting(self.inboxes) if is_waiting is None else is_waiting
        self._stored = {user: inbox.figures() for user, inbox in self.inboxes.items()}
        for user, count in (new or {}).items():
            self.inboxes[user].take_back(count)

    def count(self, user: Any, unread: int, unseen: int) -> events.Inbox:
        """Change a person's counters; returns them as the event of this change carries them."""
        inbox = self.inboxes[user]
        inbox.unread += unread
        inbox.unseen += unseen
        inbox.version += 1
        return events.Inbox(*inbox.figures())

    def inbox_of(self, user: Any) -> events.Inbox:
        """A person's counters as they now stand."""
        return events.Inbox(*self.inboxes[user].figures())

    def next_number(self, user: Any) -> int:
        """The number of this person's next notification."""
        self.inboxes[user].last_number += 1
        return self.inboxes[user].last_number

    def take_number(self, user: Any, number: int | None) -> int:
        """Note that this number, beyond the last one, is taken; without it, the next."""
        inbox = self.inboxes[user]
        inbox.last_number = inbox.last_number + 1 if number is None else number
        return inbox.last_number

    def settle(self, wanted: Q | None = None, ids: Sequence[str] = (), *, skip_locked: bool = False) -> Q:
        """Lock the `wanted` rows, announce what is pending for these people, and tell what hosts changed.

        Where anything is pending, rows of these `ids` are locked too; else whoever reads them locks them. What somebody
        else holds is announced after their commit: waited for, it would be locked out of order. Returns the condition that
        a row is locked (`lock_rows`); with `skip_locked` that is not waited for either.
        """
        if self._is_waiting and ids:
            wanted = Q(pk__in=ids)
        locked = Q() if wanted is None else lock_rows(self.inboxes, wanted, skip_locked=skip_locked)
        if not self._is_waiting:
            return locked
        pending = lock_rows(self.inboxes, Q(announced_at=None), skip_locked=True)
        self._announce_pending(pending)
        changes = list(StagedChange.objects.filter(user__in=list(self.inboxes)).order_by("pk"))
        if changes:
            StagedChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
            self.recount({change.user_id for change in changes})
            for change in changes:
                _TELL[change.type](self, change.user_id, change.data)
        return locked | pending

    def _announce_pending(self, locked: Q) -> None:
        rows = _pending(self.inboxes, locked)
        now = timezone.now()
        for row in rows:
            row.number, row.announced_at = self.next_number(row.user_id), now
            row.seen_at = row.seen_at or (now if row.is_read else None)
        store_numbers({row.pk: row.number for row in rows if row.number}, now)
        self.announce(rows)

    def announce(self, rows: Sequence[Notification]) -> None:
        """Ring for rows that are numbered and stored, and count them."""
        faces = people_of(events.actors_of(rows))
        for row in rows:
            self.ring(row.user_id, events.Notification.of(row, faces), row.counts)
        announce_created(self.publish, rows)

    def ring(self, user: Any, state: events.Notification, counts: tuple[int, int]) -> Published:
        """Count one notification of a person, and tell them of it."""
        return self.publish(
            topic_of(user), events.NotificationCreated(notification=state, inbox=self.count(user, *counts))
        )

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
        """Store the counters that are not stored as they stand."""
        store_inboxes([inbox for user, inbox in self.inboxes.items() if inbox.figures() != self._stored[user]])


def _pending(users: Iterable[Any], locked: Q) -> list[Notification]:
    rows = Notification.objects.pending().filter(locked, user__in=list(users))
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
