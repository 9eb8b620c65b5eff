"""Desk: one person's notifications while an action changes them, in a transaction of ours or of a host's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from carillon.errors import Invalid, NotFound
from carillon.notifications import events
from carillon.notifications.actions.ledger import MAX_IN_EVENT, Ledger
from carillon.notifications.actions.sets import lock_rows, recounted
from carillon.notifications.actions.settling import settle
from carillon.notifications.models import Inbox, Notification, StagedChange
from carillon.notifications.topics import topic_of
from carillon.realtime.event import Fact, Position
from carillon.realtime.outbox import Publish, Published, outbox


@dataclass
class Outcome:
    """What an action did: the counters after it, the rows it changed, and where its event stands in the log.

    `position` is known once the transaction is committed, and stays None where nothing changed or a host's
    transaction is open. `stamp` undoes a mark-all-read. `reached` stands in for the position of an event that the action
    had staged, where it was moved since.
    """

    inbox: events.Inbox = field(default_factory=events.Inbox)
    rows: list[Notification] = field(default_factory=list)
    stamp: str | None = None
    published: Published | None = None
    reached: Position | None = None

    @property
    def position(self) -> Position | None:
        """The position of the event, or None."""
        return self.published.position if self.published else self.reached


class Desk:
    """What an action on one person's notifications works with."""

    def __init__(
        self, publish: Publish, user: Any, wanted: Q | None, ids: Sequence[str], *, skip_locked: bool = False
    ) -> None:
        self.publish, self.user = publish, user
        self.outcome = Outcome()
        self.ledger = None if publish.is_hosted else Ledger(publish, [user])
        locked = Q()
        if self.ledger is not None:
            locked = self.ledger.settle(wanted, ids, skip_locked=skip_locked)
        elif wanted is not None:
            locked = lock_rows([user], wanted, skip_locked=skip_locked)
        # Of the wanted rows, those that are locked: only they may be changed.
        self.locked = Notification.objects.filter(locked, user=user)

    def rows(self, ids: Sequence[str]) -> list[Notification]:
        """This person's rows with these ids, locked by key; raises NotFound where there is none."""
        if len(ids) > MAX_IN_EVENT:
            raise Invalid(
                "invalid", f"At most {MAX_IN_EVENT} at once.", details=[{"field": "ids", "message": "too many"}]
            )
        wanted = Notification.objects.filter(user=self.user, pk__in=list(ids)).order_by("pk")
        rows = list(wanted.select_for_update(of=("self",)))
        if not rows:
            raise NotFound("not_found", "There is no such notification.")
        return rows

    @property
    def last_number(self) -> int:
        """The number of the person's newest notification."""
        if self.ledger is not None:
            return self.ledger.inboxes[self.user].last_number
        return Inbox.objects.filter(pk=self.user).values_list("last_number", flat=True).first() or 0

    def update(self, rows: list[Notification], change: Callable[[Notification], bool], columns: Sequence[str]) -> None:
        """Change rows, store the columns and tell; `change` says whether it changed its row."""
        before = [row.counts for row in rows]
        changed = [row for row in rows if change(row)]
        self.outcome.rows = rows
        if not changed:
            return
        Notification.objects.bulk_update(changed, list(columns))
        if self.ledger is None:
            self._stage("updated", ids=[row.pk for row in changed])
            return
        unread = sum(row.counts[0] for row in rows) - sum(unread for unread, _ in before)
        unseen = sum(row.counts[1] for row in rows) - sum(unseen for _, unseen in before)
        self.outcome.published = self.ledger.tell_updated(self.user, changed, unread, unseen)

    def delete(self, rows: Sequence[Notification]) -> None:
        """Delete rows and tell."""
        ids = [row.pk for row in rows]
        counts = [row.counts for row in rows]
        Notification.objects.filter(pk__in=ids).delete()
        self.tell(
            "deleted", events.NotificationDeleted, -sum(c[0] for c in counts), -sum(c[1] for c in counts), ids=ids
        )

    def tell(self, change: str, kind: type[Fact], unread: int, unseen: int, **data: Any) -> None:
        """Announce a fact and what it changes in the counters."""
        if self.ledger is None:
            self._stage(
                change,
                **{key: value.isoformat() if isinstance(value, dt.datetime) else value for key, value in data.items()},
            )
            return
        inbox = self.ledger.count(self.user, unread, unseen)
        self.outcome.published = self.publish(topic_of(self.user), kind(**data, inbox=inbox))

    def counts(self, rows: QuerySet[Notification]) -> tuple[int, int]:
        """How many of these rows count as unread and as unseen."""
        found = rows.filter(archived_at=None, snoozed_until=None).aggregate(
            unread=Count("pk", filter=Q(is_read=False)), unseen=Count("pk", filter=Q(seen_at=None))
        )
        return found["unread"], found["unseen"]

    def close(self) -> None:
        """Store the counters and put them into the outcome."""
        if self.ledger is not None:
            self.ledger.close()
            self.outcome.inbox = self.ledger.inbox_of(self.user)
            return
        unread, unseen = recounted([self.user]).get(self.user, (0, 0))
        stored = Inbox.objects.filter(pk=self.user).first() or Inbox(pk=self.user)
        self.outcome.inbox = events.Inbox(unread, unseen, stored.version, stored.last_number)

    def _stage(self, change: str, **data: Any) -> None:
        StagedChange.objects.create(user_id=self.user, type=change, data=data)
        self.publish.after_commit(lambda: settle([self.user]))


@contextmanager
def open_desk(
    user: Any, wanted: Q | None = None, *, ids: Sequence[str] = (), skip_locked: bool = False
) -> Iterator[Desk]:
    """The person's desk, inside an outbox, with the wanted rows locked; what is pending for them is announced first.

    Rows that are wanted by their `ids` are locked by whoever asks the desk for them. With `skip_locked` nobody is waited for.
    """
    with outbox() as publish:
        desk = Desk(publish, user, wanted, ids, skip_locked=skip_locked)
        yield desk
        desk.close()
