"""Importing: what another package stored is put into inboxes, in its place by time, without a sound."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from carillon.errors import Detail, Invalid
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.events import InboxCorrected
from carillon.notifications.models import SEVERITIES, Notification, is_safe_url
from carillon.notifications.topics import topic_of
from carillon.people.queries import keys_of, users
from carillon.realtime import codec
from carillon.realtime.outbox import action, outbox

# A transaction holds the inboxes of its people, and on SQLite the one lock of all writers.
MAX_BATCH = 1000
_COLUMNS = ("title", "message", "type", "severity", "kind", "url", "icon", "group_key", "data", "is_read", "created_at")
_LONGEST = {"title": 255, "type": 32, "kind": 100, "url": 2000, "icon": 64, "group_key": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A notification as another package stored it; `key` tells it from all others of its source, `recipient` is a user's key."""

    key: str
    recipient: Any
    created_at: dt.datetime
    title: str
    message: str = ""
    type: str = "system"
    severity: str = "info"
    kind: str = ""
    url: str = ""
    icon: str = ""
    group_key: str = ""
    actor: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    is_read: bool = False
    is_archived: bool = False

    def check(self) -> None:
        """Raise Invalid, naming every field that cannot be stored or shown."""
        found: list[Detail] = [
            {"field": name, "message": f"at most {longest} characters"}
            for name, longest in _LONGEST.items()
            if len(getattr(self, name)) > longest
        ]
        wanted = {
            "key": (1 <= len(self.key) <= 100, "1 to 100 characters"),
            "title": (bool(self.title.strip()), "something to say"),
            "severity": (self.severity in SEVERITIES, f"one of {', '.join(SEVERITIES)}"),
            "url": (not self.url or is_safe_url(self.url), "a path starting with / or an http(s) address"),
            "created_at": (_is_moment(self.created_at), "a time with its zone"),
        }
        found += [
            {"field": name, "message": f"{text} expected"} for name, (is_good, text) in wanted.items() if not is_good
        ]
        if found:
            text = "; ".join(f"{each['field']}: {each['message']}" for each in found)
            raise Invalid("invalid", f"{text}.", details=found)
        codec.check_values([self.key, self.message, self.data, *(getattr(self, name) for name in _LONGEST)])


@dataclass(frozen=True)
class Sorted:
    """What there is to import: by user, in order of time; how many were there before, and how many are for nobody.

    `present` are the keys of those of the people named who exist, by each key as it was given.
    """

    new: dict[Any, list[Imported]]
    present: Mapping[Any, Any]
    known: int
    nobody: int

    @property
    def count(self) -> int:
        """How many are new."""
        return sum(map(len, self.new.values()))


def sort_out(entries: Sequence[Imported], source: str) -> Sorted:
    """Say which of these entries would be imported; writes nothing."""
    return _sorted(entries, source, _present([each.recipient for each in entries] + [each.actor for each in entries]))


def _sorted(entries: Sequence[Imported], source: str, present: Mapping[Any, Any]) -> Sorted:
    mine = [each for each in entries if each.recipient in present]
    stored = Notification.objects.filter(
        user__in={present[each.recipient] for each in mine}, dedupe_key__in={_dedupe(source, each) for each in mine}
    )
    known = set(stored.values_list("user", "dedupe_key"))
    new: defaultdict[Any, list[Imported]] = defaultdict(list)
    for each in sorted(mine, key=lambda each: each.created_at):
        mark = (present[each.recipient], _dedupe(source, each))
        if mark not in known:
            known.add(mark)
            new[mark[0]].append(each)
    count = sum(map(len, new.values()))
    return Sorted(dict(new), present, known=len(mine) - count, nobody=len(entries) - len(mine))


@action
def import_notifications(entries: Sequence[Imported], source: str) -> Sorted:
    """Store at most MAX_BATCH entries of a source, each once however often it is called; returns what became of them.

    They are numbered where their time places them among what a person has, count as seen, and ring for nobody: each
    person's open clients hear once that they should fetch their list again. Raises Invalid naming the field of an entry that
    cannot be stored, and RuntimeError inside a transaction of the host's, which would hold inboxes for too long.
    """
    if len(entries) > MAX_BATCH:
        raise ValueError(f"at most {MAX_BATCH} entries at once")
    for each in entries:
        each.check()
    with outbox() as publish:
        if publish.is_hosted:
            raise RuntimeError("notifications are not imported inside a transaction")
        batch = sort_out(entries, source)
        ledger = Ledger(publish, batch.new)
        if not batch.new:
            return batch
        oldest = min(each[0].created_at for each in batch.new.values())
        # What may have to move is locked as every action locks.
        ledger.settle(Q(number__isnull=False, created_at__gt=oldest))
        # Whoever imported the same at the same time has committed by now.
        batch = _sorted(entries, source, batch.present)
        rows = [row for user in batch.new for row in _rows(ledger, user, batch, source)]
        Notification.objects.bulk_create(rows)
        unread = Counter(row.user_id for row in rows if row.counts[0])
        for user in batch.new:
            inbox = ledger.count(user, unread[user], 0)
            publish(topic_of(user), InboxCorrected(inbox=inbox, items_changed=True))
        ledger.close()
    return batch


def _present(keys: Sequence[Any]) -> dict[Any, Any]:
    """The keys of users who exist, by each key as it was given."""
    asked = {given: key for given in set(keys) - {None} for key in keys_of([given])}
    found = set(users(asked.values()).values_list("pk", flat=True))
    return {given: key for given, key in asked.items() if key in found}


def _is_moment(value: object) -> bool:
    # A map made by hand may hand on what the driver gave it.
    return isinstance(value, dt.datetime) and timezone.is_aware(value)


def _dedupe(source: str, entry: Imported) -> str:
    return f"import:{source}:{entry.key}"


def _rows(ledger: Ledger, user: Any, batch: Sorted, source: str) -> list[Notification]:
    entries, now = batch.new[user], timezone.now()
    return [
        Notification(
            user_id=user,
            number=number,
            announced_at=now,
            # It is no news: what nobody has read is unread, and does not light up the bell.
            seen_at=each.created_at,
            archived_at=now if each.is_archived else None,
            actor_id=batch.present.get(each.actor),
            dedupe_key=_dedupe(source, each),
            **{name: getattr(each, name) for name in _COLUMNS} | {"is_read": each.is_read or each.is_archived},
        )
        for number, each in zip(_make_room(ledger, user, entries), entries, strict=True)
    ]


def _make_room(ledger: Ledger, user: Any, entries: Sequence[Imported]) -> list[int]:
    """The numbers of these entries, once what is newer than they are has moved up."""
    inbox = ledger.inboxes[user]
    rows = Notification.objects.announced().filter(user=user)
    newer: list[tuple[Any, dt.datetime]] = []
    if inbox.last_number:
        found = rows.filter(created_at__gt=entries[0].created_at).order_by("number")
        newer = list(found.values_list("number", "created_at"))
    # A snooze that ended has a high number and an old date: what counts is the first row that is newer.
    reached = list(accumulate((at for _, at in newer), max))
    places = [bisect_right(reached, each.created_at) for each in entries]
    starts = [newer[place][0] if place < len(newer) else inbox.last_number + 1 for place in places]
    _move_up(rows, Counter(start for start in starts if start <= inbox.last_number), inbox.last_number + 1)
    inbox.last_number += len(entries)
    return [start + before for before, start in enumerate(starts)]


def _move_up(rows: Any, inserted: Mapping[int, int], end: int) -> None:
    """Move rows up by as many as are inserted below each; by way of negative numbers, for each has to be unique at any moment."""
    starts = sorted(inserted)
    for (start, stop), gap in zip(
        pairwise([*starts, end]), accumulate(inserted[start] for start in starts), strict=True
    ):
        rows.filter(number__gte=start, number__lt=stop).update(number=-F("number") - gap)
    if starts:
        rows.filter(number__lt=0).update(number=-F("number"))
