"""Renewing: one unread notification for each person and group, which rings again with its newest words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from django.db.models import Q
from django.utils import timezone

from carillon.notifications.actions.copies import Copy, store_renewed
from carillon.notifications.actions.delivering import Parcel, deliver_each, drafts_of, stencils_of
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.outgoing import arrange_again
from carillon.notifications.actions.sets import Counters, lock_and_look
from carillon.notifications.content import Content
from carillon.notifications.models import Notification
from carillon.notifications.signals import announce_created
from carillon.people.queries import key_from, key_type, key_value, languages_of
from carillon.realtime import log
from carillon.realtime.cursors import rows_of
from carillon.realtime.identity import Person
from carillon.realtime.outbox import Publish
from carillon.realtime.relation import chunks, relation

_ROWS = Notification._meta.db_table


class Kept(msgspec.Struct, frozen=True):
    """An unread notification that may be renewed, and its INDEXED columns."""

    id: str
    is_seen: bool
    indexed: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Who has something unread of which group, and the newest of what stands in their inbox, each by (person, group)."""

    groups: set[tuple[Any, str]]
    kept: dict[tuple[Any, str], Kept]


# Each would be taken out of its index and put in again.
INDEXED = ("actor_id", "kind", "dedupe_key", "source")
_indexed = attrgetter(*INDEXED)


@dataclass(frozen=True)
class Renewal:
    """What people are told of a group now; its content carries the `group_key`."""

    people: Sequence[Any]
    content: Content


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people who are to be told: their inboxes, locked and settled, what is unread there, and who writes."""

    inboxes: Mapping[Any, Counters]
    languages: Mapping[Any, str]
    unread: Unread
    faces: Mapping[str, Person] | None = None


def renew_each(publish: Publish, renewals: Sequence[Renewal], known: Known | None = None) -> None:
    """Ring for each person of each renewal: with the unread notification of the group that they have, else with a new one.

    In a transaction of ours only. As many statements for one as for many; who does not exist any more is passed over.
    """
    known = known or _look_up(publish, renewals)
    kept = known.unread.kept
    parcels = [_parcel(each, known.languages) for each in renewals]
    _renew(publish, parcels, known)
    others = [other for parcel in parcels if (other := _others(parcel, kept)).languages]
    if others:
        deliver_each(publish, others)


def _look_up(publish: Publish, renewals: Sequence[Renewal]) -> Known:
    languages = languages_of({user for each in renewals for user in each.people})
    pairs = {(user, each.content.group_key) for each in renewals for user in each.people if user in languages}
    inboxes, is_waiting = lock_and_look(languages) if languages else ({}, False)
    if is_waiting:
        settle_groups(publish, inboxes, {group for _, group in pairs})
    return Known(inboxes, languages, unread_of(pairs, is_settled=is_waiting))


def settle_groups(publish: Publish, inboxes: Mapping[Any, Counters], groups: Collection[str]) -> None:
    """Announce what is pending for people whose inboxes are locked, and lock what they have not read of these groups with it."""
    ledger = Ledger(publish, inboxes, inboxes, is_waiting=True)
    ledger.settle(Q(group_key__in=groups, is_read=False))
    ledger.close()


def _parcel(renewal: Renewal, languages: Mapping[Any, str]) -> Parcel:
    return Parcel({user: languages[user] for user in renewal.people if user in languages}, renewal.content)


def _others(parcel: Parcel, kept: Mapping[tuple[Any, str], Any]) -> Parcel:
    """Those of a parcel who have no notification of its group yet."""
    group = parcel.content.group_key
    new = {user: language for user, language in parcel.languages.items() if (user, group) not in kept}
    return Parcel(new, parcel.content)


def _renew(publish: Publish, parcels: Sequence[Parcel], known: Known) -> None:
    renewed = _copies(parcels, known)
    if not renewed:
        return
    copies = [copy for copy, _ in renewed]
    ledger = Ledger(publish, {each.user for each in copies}, known.inboxes, is_waiting=False)
    for each in copies:
        each.number = ledger.next_number(each.user)
    indexed = {id(each.draft): _indexed(each.draft) for each in copies}
    store_renewed([copy for copy, found in renewed if found.indexed == indexed[id(copy.draft)]], but_for=INDEXED)
    store_renewed([copy for copy, found in renewed if found.indexed != indexed[id(copy.draft)]])
    stencils = stencils_of(copies, known.faces)
    for each, found in renewed:
        # Unread it was already, and counted.
        ledger.ring(each.user, stencils[id(each.draft)].copy(each.id, each.number or 0), (0, int(found.is_seen)))
    arrange_again(publish, parcels)
    announce_created(publish, (each.row() for each in copies))
    ledger.close()


def _copies(parcels: Sequence[Parcel], known: Known) -> list[tuple[Copy, Kept]]:
    """What those get who have a notification of the group, with what they have; their parcels keep it."""
    now = timezone.now()
    renewed: list[tuple[Copy, Kept]] = []
    for parcel in parcels:
        group = parcel.content.group_key
        found = {user: kept for user in parcel.languages if (kept := known.unread.kept.get((user, group)))}
        drafts = drafts_of({parcel.languages[user] for user in found}, parcel, now, now)
        parcel.copies = [Copy(kept.id, user, None, drafts[parcel.languages[user]]) for user, kept in found.items()]
        renewed += zip(parcel.copies, found.values(), strict=True)
    return renewed


def unread_of(pairs: Collection[tuple[Any, str]], *, is_settled: bool) -> Unread:
    """What is unread of these (person, group), locked; `is_settled` says that `settle_groups` has locked what was."""
    connection = log.connection()
    types = (key_type(connection.alias), "text")
    lock = f" ORDER BY {_ROWS}.id FOR UPDATE OF {_ROWS}" if connection.features.has_select_for_update else ""
    if lock and is_settled:
        # What became unread since would be waited for out of order (`lock_rows`).
        lock += " SKIP LOCKED"
    # As a condition it would lead through all that these people ever got, by their numbers.
    is_shown = "number IS NOT NULL AND archived_at IS NULL AND snoozed_until IS NULL"
    found: list[tuple[Any, ...]] = []
    for chunk in chunks([(key_value(user, connection), group) for user, group in pairs]):
        given, values = relation(connection, "given", types, chunk)
        found += rows_of(
            connection,
            f"SELECT COALESCE(number, 0), user_id, group_key, {is_shown}, id, seen_at IS NOT NULL, {', '.join(INDEXED)}"  # noqa: S608
            f" FROM {given} JOIN {_ROWS} ON user_id = given.column1 AND group_key = given.column2 WHERE NOT is_read{lock}",
            values,
        )
    # The newest last, so that it stays.
    found.sort(key=itemgetter(0))
    rows = [((key_from(user), group), *rest) for _, user, group, *rest in found]
    return Unread(
        {pair for pair, *_ in rows},
        {
            pair: Kept(id, bool(is_seen), (actor and key_from(actor), *more))
            for pair, is_shown, id, is_seen, actor, *more in rows
            if is_shown
        },
    )
