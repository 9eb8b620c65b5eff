"""Reads of presence: how people are, and who looks at what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

import msgspec

from carillon.people.queries import keys_of, people_of
from carillon.presence import stores
from carillon.presence.events import PersonPresence
from carillon.presence.models import LastSeen
from carillon.realtime.relation import chunks


class Reading(msgspec.Struct, frozen=True):
    """How people are, as the store knew it at `stamp`; who does not exist is missing."""

    people: dict[str, PersonPresence]
    stamp: int


def read(people: Iterable[str]) -> Reading:
    """How these people are; two queries for each thousand, and one look into the store."""
    wanted = list(dict.fromkeys(people))
    found = stores.current().states(wanted)
    seen = _last_seen([person for person in wanted if person not in found.states])
    return Reading(
        {
            person: PersonPresence(
                person, found.states.get(person, "offline"), seen.get(person), faces[person].username
            )
            for chunk in chunks(wanted)
            for faces in [people_of(chunk)]
            for person in chunk
            if person in faces
        },
        found.stamp,
    )


def presences(people: Iterable[str]) -> list[PersonPresence]:
    """How these people are, in this order; who does not exist is left out. It asks nobody who may see them."""
    return list(read(people).people.values())


def lookers(key: str, people: Iterable[str]) -> set[str]:
    """Those of these people who have a connection that looks at this key now, and are not away; empty where it is not known.

    It may ask Redis: call it before a transaction, never inside.
    """
    return all_lookers([key])[key].intersection(people)


def all_lookers(keys: Collection[str]) -> dict[str, set[str]]:
    """The same for many keys at once: everybody who looks at each."""
    return stores.current().lookers(keys)


def active(people: Iterable[str]) -> set[str]:
    """Those of these people who have a connection from which they are not away."""
    return {person for person, state in stores.current().states(people).states.items() if state == "online"}


def _last_seen(people: list[str]) -> dict[str, dt.datetime]:
    found: dict[str, dt.datetime] = {}
    for chunk in chunks(list(keys_of(people))):
        found.update((str(key), at) for key, at in LastSeen.objects.filter(pk__in=chunk).values_list("pk", "at"))
    return found
