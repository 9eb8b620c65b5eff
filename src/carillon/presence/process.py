"""Process: presence as one process holds it: its connections' leases, what it hears of others, and who is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from carillon.conf import settings
from carillon.presence import stores
from carillon.presence.events import Changes, RulesChanged
from carillon.presence.models import LastSeen
from carillon.presence.sights import Asked
from carillon.presence.stores.base import Change
from carillon.presence.tracker import Tracker
from carillon.presence.view import View, moments
from carillon.presence.visibility import BETWEEN
from carillon.presence.watching import Call, Watched, Watchers
from carillon.realtime import hints
from carillon.realtime.connection import Connection
from carillon.realtime.event import Event, encode_data
from carillon.realtime.fanout import FanOut
from carillon.realtime.observers import observe
from carillon.realtime.runtime import Runtime, listen
from carillon.realtime.topic import Topic

logger = logging.getLogger(__name__)

# Seconds between two looks for leases that are over; between two comparisons of what is watched with the store; and
# between two notes of when those were seen who are here.
KEEP_EVERY, COMPARE_EVERY, SEEN_EVERY = 1.0, 15.0, 60.0
# Seconds between two looks for watches whose rules, or groups whose members, were looked up long ago; between two writes,
# and after one that failed; and that the last of them may take.
LOOK_EVERY, WRITE_EVERY, WRITE_AGAIN, LAST_WORDS = 1.0, 1.0, 10.0, 5.0
# Seconds that what comes together has to come: connections on their way to the store, changes on their way to watchers.
GATHER = 0.03
# Changes told to other processes in one event.
_TOLD = 1000


class Process:
    """Observes the connections of this process, and listens to what other processes find out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, in_thread: Call = asyncio.to_thread) -> None:
        self._clock, self._in_thread = clock, in_thread
        self.tracker = Tracker(stores.current, announce, clock)
        self.watchers = Watchers(View(clock), clock)
        self._entered, self._heard, self._ruled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._fan_out = FanOut()
        # When those left who may not be counted as offline yet, and what is to be written.
        self._left: dict[str, dt.datetime] = {}
        self._unwritten: dict[str, dt.datetime] = {}

    # What the kernel calls.

    def topics(self) -> Iterable[Topic]:
        """What other processes tell of presence."""
        return (BETWEEN,)

    def hear(self, events: Sequence[Event]) -> None:
        """Take in what changed, here or in another process."""
        for event in events:
            if event.topic == BETWEEN:
                self._hear(event)

    def entered(self, connection: Connection) -> None:
        """Lease a connection."""
        self.tracker.enter(connection.person, connection.id)
        self._entered.set()

    def left(self, connection: Connection) -> None:
        """Let its lease run out."""
        self.watchers.end(connection)
        self.tracker.leave(connection.id)
        self._left[connection.person] = _now()
        self._entered.set()

    async def run(self, runtime: Runtime) -> None:
        """Keep leases and tell watchers, until the process stops; then let go of what is left."""
        self._entered, self._heard, self._ruled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._fan_out = runtime.hub.fan_out
        try:
            async with asyncio.TaskGroup() as tasks:
                # Each by itself: leases may not wait for a database, nor watchers for a store.
                tasks.create_task(self._keep_for_ever())
                tasks.create_task(self._look_up_for_ever(runtime))
                tasks.create_task(self._tell_for_ever(runtime))
                tasks.create_task(self._write_for_ever(runtime))
        finally:
            await self._let_go(runtime)

    # What commands call.

    def begin(self, connection: Connection, watched: Watched) -> None:
        """Tell this connection of what was looked up; on the loop."""
        self.watchers.begin(connection, watched, self._fan_out)

    def look_up(self, viewer: str, people: Iterable[str], groups: Iterable[str]) -> Watched:
        """What the viewer may see of these people and groups; in a thread."""
        # Who came a moment ago sees themselves.
        self.tracker.flush()
        return self.watchers.look_up(Asked(viewer, frozenset(people), tuple(sorted(set(groups)))))

    # What goes on.

    def _hear(self, event: Event) -> None:
        if event.type == Changes.name:
            for change in msgspec.json.decode(event.data, type=Changes).people:
                self.watchers.view.hear(change)
            self._heard.set()
        elif event.type == RulesChanged.name:
            told = msgspec.json.decode(event.data, type=RulesChanged)
            self.watchers.mark_stale(told.people, told.groups)
            self._ruled.set()

    async def _keep_for_ever(self) -> None:
        compare_at = self._clock() + COMPARE_EVERY
        while True:
            await self._pause(self._entered, KEEP_EVERY)
            await self._logged("leases could not be kept", self._keep())
            if self._clock() >= compare_at:
                compare_at = self._clock() + COMPARE_EVERY
                await self._logged("presence could not be compared", self.compare())
                self._tell_if_changed()

    async def _look_up_for_ever(self, runtime: Runtime) -> None:
        while True:
            await self._pause(self._ruled, LOOK_EVERY)
            await self._logged("watches could not be looked up", self.watchers.look_up_again(runtime.hub, runtime.call))
            self._tell_if_changed()

    def _tell_if_changed(self) -> None:
        if self.watchers.view.has_changes:
            self._heard.set()

    async def _tell_for_ever(self, runtime: Runtime) -> None:
        while True:
            await self._heard.wait()
            await asyncio.sleep(GATHER)
            self._heard.clear()
            told = 0
            try:
                told = await self.watchers.tell(runtime.hub)
            except Exception:
                logger.exception("watchers could not be told")
            if told:
                # What is alone goes at once, what follows it is collected.
                await asyncio.sleep(max(0.0, settings.PRESENCE_INTERVAL - GATHER))

    async def _write_for_ever(self, runtime: Runtime) -> None:
        seen_at, pause = self._clock() + SEEN_EVERY, WRITE_EVERY
        while True:
            await asyncio.sleep(pause)
            if self._clock() >= seen_at:
                seen_at = self._clock() + SEEN_EVERY
                self._unwritten.update(dict.fromkeys(self.tracker.people(), _now()))
            is_written = await self._logged("last seen could not be written", self._write(runtime))
            pause = WRITE_EVERY if is_written else WRITE_AGAIN

    async def _keep(self) -> None:
        gone = await self._in_thread(self.tracker.keep)
        over = _now() - dt.timedelta(seconds=settings.PRESENCE_GRACE + COMPARE_EVERY)
        self._left = {person: at for person, at in self._left.items() if at > over}
        self._unwritten.update(moments(gone))

    async def compare(self) -> None:
        """Compare what is watched here with the store: a change may have been lost on its way."""
        wanted = self.watchers.watched_people()
        self.watchers.view.forget(wanted)
        if wanted:
            found = await self._in_thread(stores.current().states, wanted)
            self.watchers.view.compare(found, wanted)

    async def _write(self, runtime: Runtime) -> None:
        due, self._unwritten = self._unwritten, {}
        if due:
            try:
                await runtime.call(LastSeen.objects.record, due)
            except Exception:
                self._unwritten = due | self._unwritten
                raise

    async def _let_go(self, runtime: Runtime) -> None:
        """Leave nothing for later: the store of one process goes with it, and nobody would find out who is offline."""
        self._unwritten |= self._left | dict.fromkeys(self.tracker.people(), _now())
        await self._logged("leases could not be released", self._in_thread(self.tracker.close))
        await self._logged("last seen could not be written", asyncio.wait_for(self._write(runtime), LAST_WORDS))
        self._left, self._unwritten = {}, {}
        self.watchers = Watchers(View(self._clock), self._clock)

    async def _pause(self, news: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER)
        news.clear()

    @staticmethod
    async def _logged(message: str, work: Awaitable[object]) -> bool:
        try:
            await work
        except Exception:
            logger.exception(message)
            return False
        return True


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def announce(changes: Sequence[Change]) -> None:
    """Tell every process; from any thread."""
    for start in range(0, len(changes), _TOLD):
        fact = Changes(people=list(changes[start : start + _TOLD]))
        # Not `broadcast`: nothing here waits for a transaction, and threads that keep leases have no database.
        hints.send([Event(topic=BETWEEN, type=fact.name, data=encode_data(fact), at=dt.datetime.now(dt.UTC))])


_current: list[Process] = []


def current() -> Process:
    """Presence in this process."""
    if not _current:
        _current.append(Process())
    return _current[0]


def begin() -> None:
    """Have the kernel tell this process's presence of its connections."""
    process = current()
    observe(process)
    listen(process)
