"""Renewing: one unread notification for each person and group, which rings again with its newest words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from django.db.models import Q
from django.utils import timezone

from carillon.notifications.actions.copies import Copy, Draft, store_renewed
from carillon.notifications.actions.delivering import Parcel, deliver_each, drafts_of, states_of
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.outgoing import arrange_again
from carillon.notifications.actions.sets import Counters
from carillon.notifications.content import Content
from carillon.notifications.models import Inbox, Notification
from carillon.notifications.signals import announce_created
from carillon.people.queries import key_type, key_value, languages_of
from carillon.realtime import log
from carillon.realtime.outbox import Publish
from carillon.realtime.relation import among, chunks

_ROWS, _KEY = Notification._meta.db_table, Inbox._meta.pk


@dataclass(frozen=True, slots=True)
class Kept:
    """An unread notification that may be renewed, and what of it stands in an index of its own."""

    id: str
    is_seen: bool
    actor_id: Any
    kind: str
    dedupe_key: str | None
    source: Any

    def is_like(self, draft: Draft) -> bool:
        """Whether a draft would leave the INDEXED columns as they are."""
        return _indexed(self) == _indexed(draft)


# Each would be taken out of its index and put in again.
INDEXED = ("actor_id", "kind", "dedupe_key", "source")
_indexed = attrgetter(*INDEXED)


@dataclass(frozen=True)
class Renewal:
    """What people are told of a group now; its content carries the `group_key`."""

    people: Sequence[Any]
    content: Content


def renew_each(publish: Publish, renewals: Sequence[Renewal], inboxes: Mapping[Any, Counters] | None = None) -> None:
    """Ring for each person of each renewal: with the unread notification of the group that they have, else with a new one.

    In a transaction of ours only, in which these `inboxes` may be locked already. As many statements for one as for many;
    who does not exist any more is passed over.
    """
    languages = languages_of({user for each in renewals for user in each.people})
    if not languages:
        return
    ledger = Ledger(publish, languages, inboxes)
    groups = {each.content.group_key for each in renewals}
    ledger.settle(Q(group_key__in=groups, is_read=False))
    kept = renewable(languages, groups)
    parcels = [_parcel(each, languages) for each in renewals]
    _renew(ledger, parcels, kept)
    ledger.close()
    deliver_each(publish, [_others(parcel, kept) for parcel in parcels])


def _parcel(renewal: Renewal, languages: Mapping[Any, str]) -> Parcel:
    return Parcel({user: languages[user] for user in renewal.people if user in languages}, renewal.content)


def _others(parcel: Parcel, kept: Mapping[tuple[Any, str], Any]) -> Parcel:
    """Those of a parcel who have no notification of its group yet."""
    group = parcel.content.group_key
    new = {user: language for user, language in parcel.languages.items() if (user, group) not in kept}
    return Parcel(new, parcel.content)


def _renew(ledger: Ledger, parcels: Sequence[Parcel], kept: Mapping[tuple[Any, str], Kept]) -> None:
    now = timezone.now()
    renewed: list[tuple[Copy, Kept]] = []
    for parcel in parcels:
        drafts = drafts_of(set(parcel.languages.values()), parcel, now, now)
        for user, language in parcel.languages.items():
            found = kept.get((user, parcel.content.group_key))
            if found is not None:
                copy = Copy(found.id, user, ledger.next_number(user), drafts[language])
                parcel.copies.append(copy)
                renewed.append((copy, found))
    if not renewed:
        return
    copies = [copy for copy, _ in renewed]
    store_renewed([copy for copy, found in renewed if found.is_like(copy.draft)], but_for=INDEXED)
    store_renewed([copy for copy, found in renewed if not found.is_like(copy.draft)])
    states = states_of(copies)
    for each, found in renewed:
        state = msgspec.structs.replace(states[id(each.draft)], id=each.id, number=each.number or 0)
        # Unread it was already, and counted.
        ledger.ring(each.user, state, (0, int(found.is_seen)))
    arrange_again(ledger.publish, parcels)
    announce_created(ledger.publish, (each.row() for each in copies))


def unread_groups(users: Collection[Any], groups: Collection[str]) -> set[tuple[Any, str]]:
    """(person, group) of what is unread, of these people and these groups."""
    return {row[:2] for row in _unread(users, groups, "TRUE")}


def renewable(users: Collection[Any], groups: Collection[str]) -> dict[tuple[Any, str], Kept]:
    """The newest unread one in the inbox, by (person, group)."""
    # As a condition it would lead through all that these people ever got, by their numbers.
    is_shown = "number IS NOT NULL AND archived_at IS NULL AND snoozed_until IS NULL"
    rows = _unread(users, groups, f"{is_shown}, id, seen_at IS NOT NULL, {', '.join(INDEXED)}")
    return {
        (user, group): Kept(id, bool(is_seen), actor and _KEY.to_python(actor), *more)
        for user, group, is_shown, id, is_seen, actor, *more in rows
        if is_shown
    }


def _unread(users: Collection[Any], groups: Collection[str], columns: str) -> list[tuple[Any, ...]]:
    """(person, group, columns) of unread ones, the newest last."""
    connection = log.connection()
    found: list[tuple[Any, ...]] = []
    for names in chunks(list(groups)):
        theirs, more = among(connection, "group_key", "text", names)
        for chunk in chunks([key_value(user, connection) for user in users]):
            wanted, values = among(connection, "user_id", key_type(connection.alias), chunk)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT user_id, group_key, {columns} FROM {_ROWS}"  # noqa: S608
                    f" WHERE {wanted} AND {theirs} AND NOT is_read ORDER BY number",
                    [*values, *more],
                )
                found += ((_KEY.to_python(user), *rest) for user, *rest in cursor.fetchall())
    return found
