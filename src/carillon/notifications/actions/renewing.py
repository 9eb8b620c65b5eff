"""Renewing: one unread notification for each person and group, which rings again with its newest words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Q
from django.utils import timezone

from carillon.notifications.actions.delivering import Parcel, deliver_each, drafts_of, states_of
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.sets import Copy, store_renewed
from carillon.notifications.content import Content
from carillon.notifications.models import Notification
from carillon.notifications.signals import announce_created
from carillon.people.queries import languages_of
from carillon.realtime.outbox import Publish


@dataclass(frozen=True)
class Renewal:
    """What people are told of a group now; its content carries the `group_key`."""

    people: Sequence[Any]
    content: Content


def renew_each(publish: Publish, renewals: Sequence[Renewal]) -> None:
    """Ring for each person of each renewal: with the unread notification of the group that they have, else with a new one.

    In a transaction of ours only. As many statements for one as for many; who does not exist any more is passed over.
    """
    languages = languages_of({user for each in renewals for user in each.people})
    if not languages:
        return
    ledger = Ledger(publish, languages)
    condition = Q(group_key__in={each.content.group_key for each in renewals}, is_read=False)
    ledger.settle(condition)
    rows = Notification.objects.in_inbox().filter(condition, user__in=list(languages)).order_by("number")
    # Of several the newest.
    kept = {
        (user, group): (id, seen) for id, user, group, seen in rows.values_list("pk", "user", "group_key", "seen_at")
    }
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


def _renew(ledger: Ledger, parcels: Sequence[Parcel], kept: Mapping[tuple[Any, str], tuple[str, Any]]) -> None:
    now = timezone.now()
    copies: list[Copy] = []
    unseen: list[int] = []
    for parcel in parcels:
        drafts = drafts_of(set(parcel.languages.values()), parcel, now, now)
        for user, language in parcel.languages.items():
            found = kept.get((user, parcel.content.group_key))
            if found is not None:
                copies.append(Copy(found[0], user, ledger.next_number(user), drafts[language]))
                unseen.append(int(found[1] is not None))
    if not copies:
        return
    store_renewed(copies)
    states = states_of(copies)
    for each, count in zip(copies, unseen, strict=True):
        state = msgspec.structs.replace(states[id(each.draft)], id=each.id, number=each.number or 0)
        # Unread it was already, and counted.
        ledger.ring(each.user, state, (0, count))
    announce_created(ledger.publish, (each.row() for each in copies))
