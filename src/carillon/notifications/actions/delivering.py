"""Delivering: contents stored, counted and announced for people, with few statements however many of either there are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.utils import timezone

from carillon.notifications import events
from carillon.notifications.actions.brake import hold_back
from carillon.notifications.actions.copies import Copy, Draft, store_copies, store_counted
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.outgoing import arrange
from carillon.notifications.actions.settling import settle
from carillon.notifications.content import Content
from carillon.notifications.models import Notification, new_ids
from carillon.notifications.signals import announce_created
from carillon.people.queries import people_of
from carillon.realtime.event import Position
from carillon.realtime.identity import Person
from carillon.realtime.outbox import Publish, Published


@dataclass
class Notified:
    """What notify() did: the copies it stored, or the id of the fan-out that will; `held` counts what the brake kept back."""

    copies: Sequence[Copy] = ()
    fanout_id: uuid.UUID | None = None
    held: int = 0
    published: Published | None = None

    @cached_property
    def notifications(self) -> list[Notification]:
        """The rows that were stored."""
        return [each.row() for each in self.copies]

    @property
    def ids(self) -> list[str]:
        """Their ids, without the rows."""
        return [each.id for each in self.copies]

    @property
    def position(self) -> Position | None:
        """Where the last of the events stands; None inside a host's transaction and for a fan-out."""
        return self.published.position if self.published else None


@dataclass
class Parcel:
    """One content for some people, by the language of each; a `source` is the fan-out, of which each person gets one copy."""

    languages: Mapping[Any, str]
    content: Content
    source: uuid.UUID | None = None
    copies: list[Copy] = field(default_factory=list)
    held: int = 0


def deliver(publish: Publish, languages: Mapping[Any, str], content: Content, source: uuid.UUID) -> None:
    """Insert the copies of a fan-out for these people, and announce them."""
    [done] = deliver_each(publish, [Parcel(languages, content, source)])
    announce_created(publish, (each.row() for each in done.copies))


def deliver_each(publish: Publish, parcels: Sequence[Parcel]) -> list[Notified]:
    """Insert a copy for each person of each parcel, in order; as many statements for one as for many.

    Announced here in a transaction of ours, right after the commit in one of the host's.
    """
    _draw_up(publish, parcels)
    copies = [each for parcel in parcels for each in parcel.copies]
    if not copies:
        return [Notified(held=parcel.held) for parcel in parcels]
    if publish.is_hosted:
        return _deliver_hosted(publish, parcels, copies)
    ledger, stored = _store(publish, copies, _unique(parcels))
    _keep(publish, parcels, stored)
    published = _announce(ledger, parcels)
    ledger.close()
    return [Notified(parcel.copies, None, parcel.held, last) for parcel, last in zip(parcels, published, strict=True)]


def _deliver_hosted(publish: Publish, parcels: Sequence[Parcel], copies: Sequence[Copy]) -> list[Notified]:
    _keep(publish, parcels, store_copies(copies, unique=_unique(parcels)))
    people = list({each.user for parcel in parcels for each in parcel.copies})
    if people:
        publish.after_commit(lambda: settle(people))
    return [Notified(parcel.copies, None, parcel.held) for parcel in parcels]


def _draw_up(publish: Publish, parcels: Sequence[Parcel]) -> None:
    """Make the copies of those whom the brake lets through; before anything is locked, for it takes a while."""
    now = timezone.now()
    let_through = hold_back(publish, [(parcel.content, list(parcel.languages)) for parcel in parcels])
    for parcel, people in zip(parcels, let_through, strict=True):
        languages = parcel.languages
        drafts = drafts_of({languages[user] for user in people}, parcel, now, None if publish.is_hosted else now)
        parcel.held = len(languages) - len(people)
        ids = new_ids(len(people))
        parcel.copies = [Copy(id, user, None, drafts[languages[user]]) for id, user in zip(ids, people, strict=True)]


def _store(publish: Publish, copies: Sequence[Copy], unique: str) -> tuple[Ledger, set[str]]:
    """Lock the inboxes, number the copies and store them, after what is pending there; returns the ids of those that were stored."""
    new = Counter(each.user for each in copies)
    done = store_counted(copies, new, unique=unique)
    if done is not None:
        return Ledger(publish, new, done.inboxes, new, is_waiting=False), done.ids
    ledger = Ledger(publish, new, new=new)
    ledger.settle()
    given: Counter[Any] = Counter()
    for each in copies:
        given[each.user] += 1
        each.number = ledger.inboxes[each.user].last_number + given[each.user]
    return ledger, store_copies(copies, unique=unique)


def _keep(publish: Publish, parcels: Sequence[Parcel], stored: set[str]) -> None:
    """Leave out the copies that were not stored, and arrange how the others leave by outlets."""
    for parcel in parcels:
        parcel.copies = [each for each in parcel.copies if each.id in stored]
    arrange(publish, parcels)


def drafts_of(
    languages: set[str], parcel: Parcel, now: dt.datetime, announced_at: dt.datetime | None
) -> dict[str, Draft]:
    """What the copies of each language share."""
    actor = get_user_model()._meta.pk.to_python(parcel.content.actor) if parcel.content.actor else None
    return {
        language: Draft(
            actor_id=actor,
            source=parcel.source,
            created_at=now,
            announced_at=announced_at,
            **parcel.content.rendered(language),
        )
        for language in languages
    }


def _unique(parcels: Sequence[Parcel]) -> str:
    """The column by which a person gets one copy; a dedupe key covers the whole of a fan-out too."""
    if any(parcel.content.dedupe_key is not None for parcel in parcels):
        return "dedupe_key"
    return "source" if any(parcel.source is not None for parcel in parcels) else ""


def _announce(ledger: Ledger, parcels: Sequence[Parcel]) -> list[Published | None]:
    """Ring for the copies that were stored, and return the last event of each parcel; what copies share is worked out once."""
    stencils = stencils_of(each for parcel in parcels for each in parcel.copies)
    found: list[Published | None] = []
    for parcel in parcels:
        last = None
        for each in parcel.copies:
            number = ledger.take_number(each.user, each.number)
            last = ledger.ring(each.user, stencils[id(each.draft)].copy(each.id, number), (1, 1))
        found.append(last)
    return found


def stencils_of(copies: Iterable[Copy], faces: Mapping[str, Person] | None = None) -> dict[int, events.Stencil]:
    """What these copies share, as events carry it, by the `id()` of their draft; `faces` hold their actors, where known."""
    drafts = {id(each.draft): each.draft for each in copies}
    if faces is None:
        faces = people_of({draft.actor_id for draft in drafts.values() if draft.actor_id is not None})
    return {
        key: events.Stencil(events.Notification.of(cast(Notification, draft), faces)) for key, draft in drafts.items()
    }
