"""Settling: announcing what hosts inserted or changed behind our back, and keeping counters true."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from carillon.notifications import events
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.sets import recounted
from carillon.notifications.models import Inbox, Notification, StagedChange
from carillon.notifications.topics import topic_of
from carillon.people.queries import keys_of
from carillon.realtime import log
from carillon.realtime.outbox import action, in_transaction, outbox

logger = logging.getLogger(__name__)

BATCH = 500


@action
def settle(users: Sequence[Any]) -> None:
    """Announce these people's pending rows and tell of hosts' changes; inside a host's transaction it does nothing yet."""
    with outbox() as publish:
        if not publish.is_hosted:
            ledger = Ledger(publish, users)
            ledger.settle()
            ledger.close()


def ring(person: str, id: str) -> bool:
    """Announce a row that host code stored and tells of, unless it was announced; says whether this person has such a row.

    Inside a host's transaction it is announced right after the commit.
    """
    user = next(keys_of([person]), None)
    if user is None or not id.isalnum():
        return False
    row = Notification.objects.filter(user=user, pk=id).only("announced_at").first()
    if row is not None and row.announced_at is None:
        if in_transaction():
            transaction.on_commit(lambda: settle([user]), using=log.alias(), robust=True)
        else:
            settle([user])
    return row is not None


def settle_pending() -> int:
    """Settle the next people who have something pending; returns how many."""
    pending = Notification.objects.pending().order_by().values_list("user", flat=True).distinct()[:BATCH]
    staged = StagedChange.objects.order_by().values_list("user", flat=True).distinct()[:BATCH]
    users = sorted(set(chain(pending, staged)), key=str)[:BATCH]
    if users:
        settle(users)
    return len(users)


@action
def wake_snoozed(now: dt.datetime | None = None) -> int:
    """Bring back what was snoozed until now: unread, at the top of the inbox, ringing; returns how many."""
    now = now or timezone.now()
    due = list(
        Notification.objects.filter(snoozed_until__lte=now).order_by("pk").values_list("user", flat=True)[:BATCH]
    )
    if not due:
        return 0
    with outbox() as publish:
        ledger = Ledger(publish, due)
        locked = ledger.settle(Q(snoozed_until__lte=now))
        snoozed = Notification.objects.announced().filter(locked, user__in=due, snoozed_until__lte=now)
        rows = list(snoozed.order_by("pk"))
        for row in rows:
            row.snoozed_until = row.read_at = row.seen_at = None
            row.is_read = False
            row.number = ledger.next_number(row.user_id)
        Notification.objects.bulk_update(
            rows, ["snoozed_until", "is_read", "read_at", "seen_at", "number"], batch_size=BATCH
        )
        ledger.announce(rows)
        ledger.close()
    return len(rows)


def reconcile(older_than: dt.timedelta = dt.timedelta(hours=1), batch: int = 200) -> int:
    """Compare the counters longest unchecked with their rows, and correct and report what drifted; returns how many were checked."""
    now = timezone.now()
    inboxes = list(Inbox.objects.filter(checked_at__lt=now - older_than).order_by("checked_at")[:batch])
    found = recounted([inbox.pk for inbox in inboxes])
    for inbox in inboxes:
        if (inbox.unread, inbox.unseen) != found.get(inbox.pk, (0, 0)):
            correct(inbox.pk)
    Inbox.objects.filter(pk__in=[inbox.pk for inbox in inboxes]).update(checked_at=now)
    return len(inboxes)


@action
def correct(user: Any) -> bool:
    """Count a person's notifications anew under lock; says, logs and announces whether the counters had drifted."""
    with outbox() as publish:
        ledger = Ledger(publish, [user])
        ledger.settle()
        before = ledger.inbox_of(user)
        has_drifted = ledger.recount([user])
        if has_drifted:
            after = ledger.count(user, 0, 0)
            publish(topic_of(user), events.InboxCorrected(inbox=after))
            logger.warning(
                "counters of user %s had drifted: %s unread and %s unseen, corrected to %s and %s",
                user,
                before.unread,
                before.unseen,
                after.unread,
                after.unseen,
            )
        ledger.close()
    return has_drifted
