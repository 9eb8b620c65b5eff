"""Delivering: one content stored, counted and announced for some people, with few statements however many they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.utils import timezone

from carillon.notifications import events
from carillon.notifications.actions.brake import hold_back
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.sets import Copy, store_copies
from carillon.notifications.actions.settling import settle
from carillon.notifications.content import Content
from carillon.notifications.models import Notification, new_id
from carillon.notifications.signals import announce_created
from carillon.people.queries import people_of
from carillon.realtime.event import Position
from carillon.realtime.outbox import Publish, Published


@dataclass
class Notified:
    """What notify() did: the rows it stored, or the id of the fan-out that will; `held` counts what the brake kept back."""

    notifications: list[Notification] = field(default_factory=list)
    fanout_id: uuid.UUID | None = None
    held: int = 0
    published: Published | None = None

    @property
    def position(self) -> Position | None:
        """Where the last of the events stands; None inside a host's transaction and for a fan-out."""
        return self.published.position if self.published else None


def deliver(
    publish: Publish, languages: Mapping[Any, str], content: Content, source: uuid.UUID | None = None
) -> Notified:
    """Insert a copy for each of these people; announced here in a transaction of ours, right after the commit in one of the host's.

    A `source` is the fan-out: each person gets one copy of it, and `notifications` stays empty.
    """
    ledger = None if publish.is_hosted else Ledger(publish, languages)
    if ledger is not None:
        ledger.settle()
    let_through = hold_back(publish, list(languages), content.kind)
    drafts = _drafts({languages[user] for user in let_through}, content, source, ledger)
    copies = [
        Copy(new_id(), user, ledger.inboxes[user].last_number + 1 if ledger else None, drafts[languages[user]])
        for user in let_through
    ]
    # One dedupe key covers the whole fan-out too.
    stored = store_copies(copies, unique="dedupe_key" if content.dedupe_key is not None else "source" if source else "")
    rows = [] if source else [each.row() for each in stored]
    if ledger is not None:
        _announce(ledger, stored)
        announce_created(publish, rows or (each.row() for each in stored))
        ledger.close()
    elif stored:
        people = [each.user for each in stored]
        publish.after_commit(lambda: settle(people))
    return Notified(notifications=rows, held=len(languages) - len(let_through), published=publish.last)


def _drafts(
    languages: set[str], content: Content, source: uuid.UUID | None, ledger: Ledger | None
) -> dict[str, Notification]:
    """What the copies of each language share; with a ledger they are announced as they are inserted."""
    actor = get_user_model()._meta.pk.to_python(content.actor) if content.actor else None
    now: dt.datetime = timezone.now()
    return {
        language: Notification(
            actor_id=actor,
            source=source,
            created_at=now,
            announced_at=now if ledger else None,
            number=0 if ledger else None,
            **content.rendered(language),
        )
        for language in languages
    }


def _announce(ledger: Ledger, copies: Sequence[Copy]) -> None:
    """Ring for copies that are numbered and stored; what they share is worked out once."""
    drafts = {id(each.draft): each.draft for each in copies}
    faces = people_of(events.actors_of(drafts.values()))
    states = {key: events.Notification.of(draft, faces) for key, draft in drafts.items()}
    for each in copies:
        state = msgspec.structs.replace(states[id(each.draft)], id=each.id, number=ledger.next_number(each.user))
        ledger.ring(each.user, state, each.draft.counts)
