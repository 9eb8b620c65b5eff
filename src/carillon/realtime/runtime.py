"""Runtime: what one process needs to hold sockets (hub, broker, threads), built from settings and started once."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, Protocol, TypeVar, cast
from weakref import WeakSet

from django.db import close_old_connections
from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.errors import Conflict, Unauthenticated
from carillon.realtime import hints, log
from carillon.realtime.admission import Admission
from carillon.realtime.brokers.base import Broker
from carillon.realtime.connection import Connection
from carillon.realtime.data_version import DataVersion
from carillon.realtime.dialect import Drain, Route
from carillon.realtime.event import Event
from carillon.realtime.fanout import JOINED
from carillon.realtime.hub import Hub
from carillon.realtime.identity import present_stamps
from carillon.realtime.limits import Bucket
from carillon.realtime.loop_lag import LoopLag
from carillon.realtime.observers import observers
from carillon.realtime.paces import Pace
from carillon.realtime.threaded_log import ThreadedLog
from carillon.realtime.topic import Topic, user_topic

logger = logging.getLogger(__name__)

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Seconds over which drained clients come back: two, and more where so many would be too many a second for the others.
DRAIN_SPREAD, DRAIN_RATE, MOST_DRAIN_SPREAD = 2.0, 200, 15.0
# Seconds that answers in work get, and then the ends of connections.
DRAIN_ANSWERS, DRAIN_ENDS = 10.0, 5.0
STRAY_CHECKS = 6
# Frames of clients that are begun to be answered in one tick of the loop: a crowd that speaks at once does not hold it.
ANSWERS_EACH_TICK = 32


def routes_of(name: str) -> tuple[Route, ...]:
    """The sockets of a dialect; raises ImportError for an unknown one."""
    routes: tuple[Route, ...] = import_string(f"carillon.dialects.{name}.routes.ROUTES")
    return routes


class Listener(Protocol):
    """Hears what the broker carries on topics that no socket follows."""

    def topics(self) -> Iterable[Topic]:
        """What it wants from the start."""

    def hear(self, events: Sequence[Event]) -> None:
        """Take everything that comes into this process, and leave what is not its own."""


_listeners: WeakSet[Listener] = WeakSet()


def listen(listener: Listener) -> None:
    """Let it hear, as long as somebody holds it."""
    _listeners.add(listener)


class Runtime:
    """Hub, broker, threads and open connections of one process; `start` belongs to the loop that serves its sockets."""

    def __init__(self) -> None:
        self.broker: Broker = hints.new_broker()
        self._log = ThreadedLog(self.call)
        self.hub = Hub(
            self._log,
            self.broker,
            linger=settings.LINGER,
            sweep=cast(Any, settings.SWEEP_INTERVAL),
            # Somebody who takes nothing while this is on its way does not count as slow for it.
            most_joined=min(JOINED, settings.OUTBOUND_BYTES // 4),
        )
        self.routes = [route for name in settings.DIALECTS for route in routes_of(name)]
        self.connections: set[Connection] = set()
        self.admission = Admission(
            self.call,
            at_once=settings.SIGN_INS_AT_ONCE,
            most_waiting=settings.SIGN_INS_WAITING,
            rules_at_once=max(1, settings.THREADS // 2),
        )
        self.anonymous: Counter[str] = Counter()
        self.in_work: set[Connection] = set()
        self.slow_closed = 0
        self.lag = LoopLag()
        self.pace = Pace(ANSWERS_EACH_TICK)
        self.is_draining = False
        self._data_version = DataVersion(log.alias()) if log.connection().vendor == "sqlite" else None
        # Tuples: most people have one connection, and a set for each would cost as much as the connection.
        self._by_person: dict[str, tuple[Connection, ...]] = {}
        self._buckets: dict[str, Bucket] = {}
        self._pool = ThreadPoolExecutor(settings.THREADS, thread_name_prefix="carillon")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started: asyncio.Future[None] | None = None
        # Asked by every socket that comes.
        self._running_on: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._has_broker = False

    def _receive(self, events: Sequence[Event]) -> None:
        self.hub.receive(events)
        for listener in tuple(_listeners):
            listener.hear(events)

    async def carry(self, topic: Topic, *, is_wanted: bool) -> None:
        """Have the broker bring a listener's topic into this process, or no more; from any loop, and for nothing before the start."""
        loop = self._loop
        if loop is None or not self._has_broker:
            return
        change = self.broker.subscribe(topic) if is_wanted else self.broker.unsubscribe(topic)
        if loop is asyncio.get_running_loop():
            await change
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(change, loop))

    async def start(self) -> None:
        """Start what ticks in this process; again on the same loop it does nothing."""
        loop = asyncio.get_running_loop()
        if self._running_on is loop:
            return
        if self._loop is not loop or self._started is None:
            self._loop = loop
            self._started = loop.create_task(self._start(loop))
        try:
            # Sockets that come together wait for one start.
            await asyncio.shield(self._started)
        except Exception:
            self._started = None
            raise
        if self._loop is loop and self._started is not None:
            self._running_on = loop

    async def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        await self.broker.start(self._receive, self.hub.sweep_soon)
        self._has_broker = True
        for listener in tuple(_listeners):
            for topic in listener.topics():
                await self.broker.subscribe(topic)
        hints.connect(self.broker.publish)
        ticking = [self.hub.sweep_for_ever(), self._recheck_for_ever(), self.lag.measure()]
        ticking += [observer.run(self) for observer in observers()]
        if self._data_version is not None:
            ticking.append(self._data_version.watch(self.hub.sweep, settings.LOOK_INTERVAL))
        self._tasks = [loop.create_task(work) for work in ticking]
        if settings.RUNNER == "embedded":
            from carillon.jobs.runners import embedded

            await asyncio.to_thread(embedded.start)

    async def stop(self) -> None:
        """Stop everything; open sockets are closed 1001."""
        if settings.RUNNER == "embedded" and self._loop is not None:
            from carillon.jobs.runners import embedded

            await asyncio.to_thread(embedded.stop)
        for connection in list(self.connections):
            connection.end(None, 1001, "going_away")
        await self._wait_for_ends(2.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.admission.close()
        await self.hub.close()
        await self._log.close()
        if self._data_version is not None:
            self._data_version.close()
        self._has_broker = False
        await self.broker.stop()
        hints.disconnect()
        self._pool.shutdown(wait=False)
        self._loop = self._started = self._running_on = None

    async def call(self, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run database work in a thread of ours and give its connection back afterwards."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(_with_connection, function, *args, **kwargs))

    def enter(self, connection: Connection) -> bool:
        """Count a connection that has signed in; False where the person has too many."""
        person = connection.identity.person if connection.identity else ""
        held = self._by_person.get(person, ())
        if len(held) >= settings.CONNECTIONS_PER_PERSON:
            return False
        self._by_person[person] = (*held, connection)
        for observer in observers():
            observer.entered(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        self.connections.discard(connection)
        self.hub.detach_all(connection)
        person = connection.identity.person if connection.identity else ""
        held = self._by_person.get(person, ())
        if connection in held:
            left = tuple(each for each in held if each is not connection)
            if left:
                self._by_person[person] = left
            else:
                del self._by_person[person]
                self._buckets.pop(person, None)
            for observer in observers():
                observer.left(connection)

    def forget_anonymous(self, address: str) -> None:
        """Count one socket less of those of an address that have not signed in."""
        self.anonymous[address] -= 1
        if self.anonymous[address] <= 0:
            del self.anonymous[address]

    def bucket_of(self, person: str, now: float) -> Bucket:
        """The budget that all connections of a person in this process share."""
        rate = settings.PERSON_COMMANDS_PER_SECOND
        return self._buckets.setdefault(person, Bucket(rate, 2 * rate, now))

    async def recheck(self) -> None:
        """Close the connections of people who may no longer be connected: one query for all of them."""
        # Who signs in while the query runs may have a newer stamp than it finds.
        checked = [(each, each.identity) for held in self._by_person.values() for each in held if each.identity]
        if not checked:
            return
        stamps = await self.call(present_stamps, {identity.person for _, identity in checked})
        for connection, identity in checked:
            if stamps is not None and connection.identity is identity and identity.stamp != stamps.get(identity.person):
                connection.close(Unauthenticated("session_revoked", "You have been signed out."))
            self._watch_stray(connection)

    def _watch_stray(self, connection: Connection) -> None:
        """Close who was told to resync their own topic and does not come back to it: there one hears of one's sign-out."""
        is_stray = user_topic(connection.person) not in connection.subscriptions
        connection.strays = connection.strays + 1 if is_stray else 0
        if connection.strays > STRAY_CHECKS:
            connection.close(Conflict("resync_required", "Fetch a snapshot and subscribe to your own topic."))

    async def drain(self) -> None:
        """Send every client away, each to come back at its own moment, before the server stops (close 1012).

        A command in work is answered first; no other is begun.
        """
        self.is_draining = True
        connections = list(self.connections)
        spread = min(max(DRAIN_SPREAD, len(connections) / DRAIN_RATE), MOST_DRAIN_SPREAD)
        for number, connection in enumerate(connections):
            connection.tell(Drain(round(1000 * spread * number / len(connections)) + 200))
            if connection not in self.in_work:
                connection.end(None, 1012, "service_restart")
        await self._wait_until(lambda: not self.in_work, DRAIN_ANSWERS)
        for connection in list(self.connections):
            connection.end(None, 1012, "service_restart")
        await self._wait_for_ends(DRAIN_ENDS)

    async def _wait_for_ends(self, seconds: float) -> None:
        await self._wait_until(lambda: not self.connections, seconds)

    async def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)

    async def _recheck_for_ever(self) -> None:
        while True:
            await asyncio.sleep(settings.RECHECK_INTERVAL)
            try:
                await self.recheck()
            except Exception:
                logger.exception("connected people could not be checked")


def _with_connection(function: Callable[..., _R], *args: Any, **kwargs: Any) -> _R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()


_current: list[Runtime] = []


def current() -> Runtime:
    """The runtime of this process."""
    if not _current:
        _current.append(Runtime())
    return _current[0]


async def reset() -> None:
    """Stop the runtime and forget it; the next one reads the settings anew."""
    while _current:
        await _current.pop().stop()


def use(runtime: Runtime) -> None:
    """Make this the runtime of this process; raises RuntimeError where there is one already."""
    if _current:
        raise RuntimeError("this process has a runtime; reset it first")
    _current.append(runtime)
