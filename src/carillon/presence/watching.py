"""Watchers: who watches whom in this process, and one frame for all who see the same changes."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from carillon.presence import queries, visibility
from carillon.presence.events import PersonPresence, PresenceChanged
from carillon.presence.sights import Asked, News, Scope, Sight
from carillon.presence.topics import KIND, WATCHED, group_of
from carillon.presence.view import View
from carillon.realtime.connection import Connection
from carillon.realtime.event import Event, encode_data
from carillon.realtime.fanout import FanOut
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Topic

Call = Callable[..., Awaitable[Any]]

# Seconds for which the members of a group that were read are taken as they are by who begins to watch it.
FRESH = 5.0
# Seconds after which members, and rules, are looked up again though nobody said that they changed; of watches at most so
# many at a time, for those who came together are old together.
MEMBERS_EVERY, RULES_EVERY, MOST_OLD = 60.0, 300.0, 50
# After so many sights the loop is given back.
_SLICE = 200


class _Members(msgspec.Struct, frozen=True):
    people: frozenset[str]
    at: float


class Watched(msgspec.Struct, frozen=True):
    """The beginning of a watch: how people are at this version of the view, and what was read to find that out."""

    asked: Asked
    scope: Scope
    people: list[PersonPresence]
    version: int
    members: dict[str, _Members]
    reading: queries.Reading
    rules: int = 0


class _Watch(msgspec.Struct):
    asked: Asked
    scope: Scope
    looked_up_at: float


class Watchers:
    """Belongs to the loop of the sockets, but for `look_up`, which runs in a thread and changes nothing."""

    def __init__(self, view: View, clock: Callable[[], float] = time.monotonic) -> None:
        self.view, self._clock = view, clock
        self._watches: dict[Connection, _Watch] = {}
        self._sights: dict[Scope, Sight] = {}
        self._members: dict[str, _Members] = {}
        self._stale_people: set[str] = set()
        self._stale_groups: set[str] = set()
        # How often rules changed.
        self._rules = 0

    # Beginning and ending.

    def look_up(self, asked: Asked) -> Watched:
        """What the viewer may see of what is asked, and how these people are now; to be followed by `begin`."""
        rules, members = self._rules, self._members_of(asked.groups)
        scope = _scope(asked, {group: found.people for group, found in members.items()})
        # What changes from now on is told again.
        version = self.view.version
        known = {person: self.view.people.get(person) for person in _people_of(scope, members)}
        reading = queries.read(person for person, found in known.items() if found is None)
        people = [
            found
            for person, seen in sorted(known.items())
            if (found := seen.presence if seen is not None else reading.people.get(person)) is not None
        ]
        return Watched(asked, scope, people, version, members, reading, rules)

    def begin(self, connection: Connection, watched: Watched, fan_out: FanOut) -> None:
        """Have this connection told from now on, in place of what it watched, and at once what changed since it was looked up."""
        if connection.is_closed:
            return
        self.end(connection)
        for group, members in watched.members.items():
            # Those whom watchers know already keep theirs until they are looked up for all.
            self._members.setdefault(group, members)
        self.view.learn(watched.reading)
        self._watches[connection] = _Watch(watched.asked, watched.scope, self._clock())
        self._join(connection, watched.scope)
        if watched.rules != self._rules:
            # Somebody may have been removed between the look and this moment.
            self.mark_stale([watched.asked.viewer], watched.asked.groups)
        late = self.view.since(watched.version, self._seen(watched.scope))
        if late:
            alone = Sight(watched.scope)
            alone.add(connection)
            News(_event(WATCHED, late), fan_out).send(alone)

    def end(self, connection: Connection) -> None:
        """Tell this connection nothing any more."""
        watch = self._watches.pop(connection, None)
        if watch is not None:
            self._part(connection, watch.scope)

    # Telling.

    async def tell(self, hub: Hub) -> int:
        """Tell everybody what changed among whom they see: one frame each; returns how many changes there were."""
        changed = self.view.take_changes()
        if not changed:
            return 0
        among = {group: changed.keys() & members.people for group, members in self._members.items()}
        for feed in [feed for topic, feed in hub.feeds.items() if topic.kind == KIND]:
            if members := among.get(group_of(feed.topic)):
                hub.receive([_event(feed.topic, _of(changed, members))])
        news: dict[frozenset[str], News] = {}
        for number, sight in enumerate(list(self._sights.values()), start=1):
            scope = sight.scope
            seen = frozenset(changed.keys() & scope.people).union(*(among.get(group, ()) for group in scope.groups))
            if seen:
                if seen not in news:
                    news[seen] = News(_event(WATCHED, _of(changed, seen)), hub.fan_out)
                news[seen].send(sight)
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        return len(changed)

    def watched_people(self) -> set[str]:
        """Everybody whom anybody sees."""
        found = {person for sight in self._sights.values() for person in sight.scope.people}
        return found.union(*(members.people for members in self._members.values()))

    # Looking up again.

    def mark_stale(self, people: Iterable[str], groups: Iterable[str]) -> None:
        """Have what concerns these looked up again."""
        self._rules += 1
        self._stale_people.update(people)
        self._stale_groups.update(groups)

    async def look_up_again(self, hub: Hub, call: Call) -> None:
        """Look up what is stale or old: members of groups in one go, rules for each watch that they concern."""
        now, old = self._clock(), 0
        stale, self._stale_people = self._stale_people, set()
        groups = self._groups_to_read(hub, now)
        if groups:
            await self._read_members(hub, call, groups)
        for connection, watch in list(self._watches.items()):
            is_named = bool(stale) and (watch.asked.viewer in stale or not stale.isdisjoint(watch.asked.people))
            is_old = bool(watch.asked.people) and now - watch.looked_up_at > RULES_EVERY and old < MOST_OLD
            old += is_old
            if is_named or is_old or (visibility.is_replaced() and not groups.isdisjoint(watch.asked.groups)):
                await self._look_up_again(connection, watch, call, hub.fan_out)

    def _groups_to_read(self, hub: Hub, now: float) -> set[str]:
        used = {group for watch in self._watches.values() for group in watch.asked.groups}
        used.update(group_of(topic) for topic in hub.feeds if topic.kind == KIND)
        for group in self._members.keys() - used:
            if now - self._members[group].at > FRESH:
                del self._members[group]
        stale, self._stale_groups = self._stale_groups & used, set()
        return stale | {
            group for group in used if (known := self._members.get(group)) is None or now - known.at > MEMBERS_EVERY
        }

    async def _read_members(self, hub: Hub, call: Call, groups: Collection[str]) -> None:
        told = await call(visibility.members_of, groups)
        await self._meet({person for people in told.values() for person in people}, call)
        concerned = [] if visibility.is_replaced() else self._watches_of(told)
        before, seen = dict(self._members), {watch.scope: self._seen(watch.scope) for _, watch in concerned}
        self._members.update((group, _Members(people, self._clock())) for group, people in told.items())
        moved: dict[tuple[Scope, Scope], Sight] = {}
        for connection, watch in concerned:
            mine = tuple(group for group in watch.asked.groups if watch.asked.viewer in self._members[group].people)
            scope = Scope(watch.scope.people, mine)
            moved.setdefault((watch.scope, scope), Sight(scope)).add(connection)
            self._move(connection, watch, scope)
        for (old, new), sight in moved.items():
            self._tell_difference(seen[old], self._seen(new), sight, hub.fan_out)
        self._withdraw(hub, told)
        for topic in [topic for topic in hub.feeds if topic.kind == KIND and group_of(topic) in told]:
            known = before.get(group_of(topic))
            if come := self._presences(told[group_of(topic)].difference(known.people if known is not None else ())):
                hub.receive([_event(topic, come)])

    async def _look_up_again(self, connection: Connection, watch: _Watch, call: Call, fan_out: FanOut) -> None:
        watch.looked_up_at = self._clock()
        known = {group: self._members.get(group) for group in watch.asked.groups}
        members = {group: found.people if found is not None else frozenset() for group, found in known.items()}
        scope = await call(_scope, watch.asked, members)
        await self._meet(scope.people, call)
        if self._watches.get(connection) is watch:
            before, sight = self._seen(watch.scope), Sight(scope)
            sight.add(connection)
            self._move(connection, watch, scope)
            self._tell_difference(before, self._seen(scope), sight, fan_out)

    async def _meet(self, people: Collection[str], call: Call) -> None:
        """Find out how these people are whom somebody is to see."""
        unknown = [person for person in people if person not in self.view.people]
        if unknown:
            self.view.learn(await call(queries.read, unknown))

    def _tell_difference(self, before: frozenset[str], after: frozenset[str], sight: Sight, fan_out: FanOut) -> None:
        """Tell how those are who are seen from now on; those who are not seen any more are as good as offline."""
        gone, come = before - after, self._presences(after - before)
        # One is not offline to oneself.
        selves = {connection for connection in sight.connections if connection.person in gone}
        for connection in selves:
            sight.discard(connection)
            alone = Sight(sight.scope)
            alone.add(connection)
            self._tell_difference(before - {connection.person}, after, alone, fan_out)
        if sight.connections and (people := [*map(_unseen, self._presences(gone)), *come]):
            News(_event(WATCHED, people), fan_out).send(sight)

    def _withdraw(self, hub: Hub, told: Mapping[str, frozenset[str]]) -> None:
        """Let those no longer follow a group's topic who are no members of it any more."""
        for topic, feed in list(hub.feeds.items()):
            members = told.get(group_of(topic)) if topic.kind == KIND else None
            if members is None:
                continue
            for connection in [each for each in feed.subscriptions if each.person not in members]:
                hub.detach(connection, topic)
                connection.withdraw(topic)

    # Keeping.

    def _members_of(self, groups: Iterable[str]) -> dict[str, _Members]:
        """The members, those that were read just now for others as they are."""
        now, found = self._clock(), dict[str, _Members]()
        for group in groups:
            known = self._members.get(group)
            if known is not None and now - known.at <= FRESH and group not in self._stale_groups:
                found[group] = known
        missing = [group for group in groups if group not in found]
        read = visibility.members_of(missing) if missing else {}
        return found | {group: _Members(people, now) for group, people in read.items()}

    def _watches_of(self, groups: Mapping[str, Any]) -> list[tuple[Connection, _Watch]]:
        return [each for each in self._watches.items() if not groups.keys().isdisjoint(each[1].asked.groups)]

    def _seen(self, scope: Scope) -> frozenset[str]:
        return _people_of(scope, self._members)

    def _presences(self, people: Iterable[str]) -> list[PersonPresence]:
        known = (self.view.people.get(person) for person in sorted(people))
        return [found.presence for found in known if found is not None]

    def _move(self, connection: Connection, watch: _Watch, scope: Scope) -> None:
        if scope != watch.scope:
            self._part(connection, watch.scope)
            watch.scope = scope
            self._join(connection, scope)

    def _join(self, connection: Connection, scope: Scope) -> None:
        self._sights.setdefault(scope, Sight(scope)).add(connection)

    def _part(self, connection: Connection, scope: Scope) -> None:
        sight = self._sights.get(scope)
        if sight is not None:
            sight.discard(connection)
            if not sight.connections:
                del self._sights[scope]


def _scope(asked: Asked, members: Mapping[str, frozenset[str]]) -> Scope:
    """What the viewer may see: people whom a rule names, and the groups they are in; or whom the host's function names."""
    mine = tuple(group for group in asked.groups if asked.viewer in members[group])
    if visibility.is_replaced():
        people = asked.people.union(*(members[group] for group in mine))
        return Scope(visibility.visible(asked.viewer, people))
    return Scope(visibility.visible(asked.viewer, asked.people), mine)


def _people_of(scope: Scope, members: Mapping[str, _Members]) -> frozenset[str]:
    return scope.people.union(*(members[group].people for group in scope.groups if group in members))


def _unseen(presence: PersonPresence) -> PersonPresence:
    return PersonPresence(presence.id, "offline", username=presence.username)


def _of(changed: Mapping[str, PersonPresence], seen: Iterable[str]) -> list[PersonPresence]:
    return [changed[person] for person in sorted(seen)]


def _event(topic: Topic, people: list[PersonPresence]) -> Event:
    fact = PresenceChanged(people=people)
    return Event(topic=topic, type=fact.name, data=encode_data(fact), at=dt.datetime.now(dt.UTC))
