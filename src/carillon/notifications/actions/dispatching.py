"""Dispatching: deliveries that are due are claimed, handed to their outlet outside of any transaction, and written down one by one."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from carillon.conf import settings
from carillon.jobs.wake import wake
from carillon.notifications.models import Delivery, Notification, OptOut
from carillon.notifications.outlets import outlet_of, sweep_of
from carillon.notifications.outlets.base import NotNeeded, Outgoing, Outlet, Rejected, Send, Unreachable
from carillon.people.activity import active_among
from carillon.people.queries import keys_of, preferences_of, users
from carillon.realtime.outbox import action, in_transaction, outbox

logger = logging.getLogger(__name__)

BATCH = 20
# Far longer than a batch takes: clocks of hosts may differ a little.
LEASE = dt.timedelta(minutes=10)
# Whoever stops the process waits for the batch; what it has not come to by then is given back.
MOST_TIME = dt.timedelta(seconds=10)
MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 60, 3600
# What waits for an outlet that cannot be reached is given up after this time.
GIVE_UP = dt.timedelta(hours=24)
_PRUNED = 1000
_State = Delivery.State


def dispatch(name: str) -> int:
    """Hand over the next deliveries that are due by this outlet; returns how many were settled, 0 when it cannot be reached.

    Raises RuntimeError inside a transaction, which would be held open for as long as others take to answer.
    """
    if in_transaction():
        raise RuntimeError("deliveries are not sent inside a transaction")
    outlet = outlet_of(name)
    if not _due(name).exists():
        return 0
    claimed = _claim(name)
    return _Batch(claimed, outlet).run() if claimed else 0


def _due(name: str) -> Any:
    return Delivery.objects.filter(outlet=name, state=_State.PENDING, due_at__lte=timezone.now())


@action
def _claim(name: str) -> list[Delivery]:
    """Take the next batch, so that nobody else does until the lease is over."""
    with outbox():
        rows = list(_due(name).select_for_update(skip_locked=True, of=("self",)).order_by("due_at")[:BATCH])
        until = timezone.now() + LEASE
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=until, attempts=F("attempts") + 1)
    for row in rows:
        row.attempts += 1
    return rows


class _Batch:
    """Some deliveries of one outlet that this thread has claimed."""

    def __init__(self, rows: Sequence[Delivery], outlet: Outlet) -> None:
        self.rows, self.outlet = rows, outlet
        self.name = rows[0].outlet
        self.stop_at = timezone.now() + MOST_TIME
        self.settled = 0

    def run(self) -> int:
        """Settle them; what was not come to is given back."""
        left = self._spared()
        with self.outlet.open() as send:
            for place, (row, item) in enumerate(left):
                if timezone.now() > self.stop_at:
                    give_back([row for row, _ in left[place:]])
                    break
                try:
                    self._hand_over(send, row, item)
                except Unreachable as error:
                    self._rest([row for row, _ in left[place:]], error)
                    return 0
        return self.settled

    def _spared(self) -> list[tuple[Delivery, Outgoing]]:
        """Write down those that are not needed, and return the others with what is to be handed over."""
        notifications = Notification.objects.in_bulk({row.notification_id for row in self.rows})
        people = {user.pk: user for user in users({row.user_id for row in self.rows})}
        refused = set(OptOut.objects.filter(outlet=self.name, user__in=list(people)).values_list("user", flat=True))
        active = active_among(map(str, people)) if self.outlet.is_for_inactive else set()
        left = []
        for row in self.rows:
            notification, user = notifications.get(row.notification_id), people.get(row.user_id)
            reason = _not_needed(notification, user, is_refused=row.user_id in refused)
            if notification is None or user is None or reason:
                self._finish(row, _State.SKIPPED, reason)
            elif str(user.pk) in active:
                self._finish(row, _State.SKIPPED, "active in the application")
            else:
                key = f"{row.notification_id}.{row.pk}"
                left.append((row, Outgoing(key, notification, user, preferences_of(user).language)))
        return left

    def _hand_over(self, send: Send, row: Delivery, item: Outgoing) -> None:
        try:
            send(item)
        except Unreachable:
            raise
        except NotNeeded as error:
            self._finish(row, _State.SKIPPED, str(error))
        except Rejected as error:
            self._fail(row, error)
        except Exception as error:
            self._try_later(row, error)
        else:
            self._finish(row, _State.SENT, "")

    def _try_later(self, row: Delivery, error: Exception) -> None:
        if row.attempts >= MOST_ATTEMPTS:
            self._fail(row, error)
            return
        seconds = pause_after(row.attempts)
        _log(row, error, f"tried again in {seconds:.0f} s")
        _write(row, due_at=timezone.now() + dt.timedelta(seconds=seconds), reason=_said(error))
        self.settled += 1

    def _fail(self, row: Delivery, error: Exception) -> None:
        _log(row, error, "given up")
        self._finish(row, _State.FAILED, _said(error))

    def _finish(self, row: Delivery, state: _State, reason: str) -> None:
        _write(row, state=state, reason=reason[:500], finished_at=timezone.now())
        self.settled += 1

    def _rest(self, rows: Sequence[Delivery], error: Unreachable) -> None:
        """Nobody's fault: no attempt counts, and everything that is due by this outlet waits."""
        now = timezone.now()
        logger.warning("the outlet %s cannot be reached, and is tried again in %s s: %s", self.name, FIRST_PAUSE, error)
        later = now + dt.timedelta(seconds=FIRST_PAUSE)
        old = [row for row in rows if row.created_at < now - GIVE_UP]
        for row in old:
            self._fail(row, error)
        give_back([row for row in rows if row not in old], due_at=later, reason=_said(error))
        _due(self.name).update(due_at=later)


def _not_needed(notification: Notification | None, user: Any, *, is_refused: bool) -> str:
    """Why this need not leave; empty where it should."""
    if notification is None:
        return "deleted"
    if user is None or not getattr(user, "is_active", True):
        return "account disabled"
    if notification.is_read:
        return "read"
    if notification.archived_at is not None or notification.snoozed_until is not None:
        return "put away"
    return "opted out" if is_refused else ""


def _write(row: Delivery, **columns: Any) -> None:
    """Write down what became of it, unless another has claimed it meanwhile."""
    Delivery.objects.filter(pk=row.pk, state=_State.PENDING, attempts=row.attempts).update(**columns)


def give_back(rows: Sequence[Delivery], **columns: Any) -> None:
    """End the claims on these as if they had never been made."""
    for row in rows:
        _write(row, **{"due_at": timezone.now(), **columns, "attempts": row.attempts - 1})


def pause_after(attempts: int) -> float:
    """Seconds until the next attempt: a minute, doubled each time up to an hour; a tenth more or less, so that not all come at once."""
    seconds = float(min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE))
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _log(row: Delivery, error: Exception, what: str) -> None:
    # What the error says may hold an address.
    logger.warning(
        "delivery %s by %s failed (%s), attempt %s; %s", row.pk, row.outlet, type(error).__name__, row.attempts, what
    )


@action
def try_again(keys: Sequence[int]) -> int:
    """Have these deliveries, given up or not needed, tried anew from the first attempt; returns how many."""
    with outbox() as publish:
        rows = Delivery.objects.filter(pk__in=keys, state__in=(_State.FAILED, _State.SKIPPED))
        outlets = set(rows.values_list("outlet", flat=True))
        count = rows.update(state=_State.PENDING, attempts=0, due_at=timezone.now(), finished_at=None)
        for outlet in outlets:
            publish.after_commit(lambda outlet=outlet: wake(sweep_of(outlet)))  # type: ignore[misc]
    return count


def prune() -> int:
    """Delete deliveries that were finished longer ago than DELIVERY_DAYS, some of them; returns how many."""
    before = timezone.now() - dt.timedelta(days=settings.DELIVERY_DAYS)
    old = list(
        Delivery.objects.filter(finished_at__lt=before).order_by("finished_at").values_list("pk", flat=True)[:_PRUNED]
    )
    return Delivery.objects.filter(pk__in=old).delete()[0] if old else 0


@action
def opt_out(user: str, outlet: str) -> bool:
    """Send this person, by key, nothing through this outlet any more; says whether there is such a person."""
    return _choose(user, outlet, wants=False)


@action
def opt_in(user: str, outlet: str) -> bool:
    """Take an opting out back; says whether there is such a person."""
    return _choose(user, outlet, wants=True)


def _choose(user: str, outlet: str, *, wants: bool) -> bool:
    found = next(iter(users(keys_of([user]))), None)
    if found is not None and wants:
        OptOut.objects.filter(user=found, outlet=outlet).delete()
    elif found is not None:
        OptOut.objects.get_or_create(user=found, outlet=outlet)
    return found is not None
