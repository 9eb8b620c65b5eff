"""View: how the people are whom somebody watches in this process, as far as it has heard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from carillon.presence.events import PersonPresence
from carillon.presence.queries import Reading
from carillon.presence.stores.base import Change, Found

# Seconds after which nobody is believed to be connected of whom nothing can be found out (GUARANTEES G8).
BELIEVED = 45.0


class Known:
    """How somebody is: since which stamp of the store, in which version of the view, and when it was last confirmed."""

    __slots__ = ("at", "presence", "stamp", "version")

    def __init__(self, presence: PersonPresence, stamp: int, version: int, at: float) -> None:
        self.presence, self.stamp, self.version, self.at = presence, stamp, version, at


class View:
    """Belongs to the loop of the sockets; a thread may look at `people` and `version`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.people: dict[str, Known] = {}
        self.version = 0
        # Of those who changed since `take_changes`: how they were.
        self._before: dict[str, PersonPresence] = {}
        # Changes of people whom nobody watches yet; somebody may just be reading how they are.
        self._unasked: dict[str, Change] = {}

    def learn(self, reading: Reading) -> None:
        """Take in people who were read, but not over what was heard of them meanwhile."""
        for person, presence in reading.people.items():
            if person in self.people:
                continue
            self.people[person] = Known(presence, reading.stamp, self.version, self._clock())
            late = self._unasked.pop(person, None)
            if late is not None:
                self.hear(late)

    def hear(self, change: Change) -> None:
        """Take a change that a store found out."""
        known = self.people.get(change.person)
        if known is None:
            self._unasked[change.person] = change
        elif change.stamp >= known.stamp:
            known.at = self._clock()
            self._set(known, _changed(known.presence, change), change.stamp)

    def compare(self, found: Found, asked: Iterable[str]) -> None:
        """Take what the store says of these people; where it does not know all, others are believed for a while."""
        now = self._clock()
        for person in asked:
            known, state = self.people.get(person), found.states.get(person)
            if known is None or found.stamp < known.stamp:
                continue
            if state is None and not found.is_whole and now - known.at < BELIEVED:
                continue
            if state is not None or found.is_whole:
                known.at = now
            if (state or "offline") != known.presence.state:
                change = Change(person, state or "offline", found.stamp, found.stamp)
                self._set(known, _changed(known.presence, change), found.stamp)

    def take_changes(self) -> dict[str, PersonPresence]:
        """How those are now who are not as they were when this was asked before."""
        before, self._before = self._before, {}
        return {
            person: known.presence
            for person, was in before.items()
            if (known := self.people.get(person)) is not None and known.presence != was
        }

    @property
    def has_changes(self) -> bool:
        """Whether there may be something to tell."""
        return bool(self._before)

    def since(self, version: int, people: Collection[str]) -> list[PersonPresence]:
        """Those of these people who changed after this version."""
        if version == self.version:
            return []
        return [
            known.presence
            for person in sorted(people)
            if (known := self.people.get(person)) is not None and known.version > version
        ]

    def forget(self, wanted: Collection[str]) -> None:
        """Forget whom nobody watches, but for those who were read just now."""
        self._unasked.clear()
        fresh = self._clock() - BELIEVED
        for person in [each for each, known in self.people.items() if each not in wanted and known.at < fresh]:
            del self.people[person]

    def _set(self, known: Known, presence: PersonPresence, stamp: int) -> None:
        known.stamp = stamp
        if presence != known.presence:
            self.version += 1
            known.version = self.version
            self._before.setdefault(presence.id, known.presence)
            known.presence = presence


def _changed(presence: PersonPresence, change: Change) -> PersonPresence:
    if change.state == presence.state:
        return presence
    is_gone = change.state == "offline"
    return msgspec.structs.replace(presence, state=change.state, last_seen=moment(change.seen_at) if is_gone else None)


def moment(stamp: int) -> dt.datetime:
    """A stamp as a time, to the second."""
    return dt.datetime.fromtimestamp(stamp // 1_000_000, dt.UTC)


def moments(changes: Iterable[Change]) -> Mapping[str, dt.datetime]:
    """When those who changed were heard of last."""
    return {change.person: moment(change.seen_at) for change in changes}
