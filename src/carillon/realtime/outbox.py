"""outbox(): the block in which rows and the events that tell of them are written together, or not at all."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError

from carillon.errors import Unavailable
from carillon.realtime import hints, log
from carillon.realtime.drafts import Draft, moment
from carillon.realtime.event import Event, Fact, Position, encode_data
from carillon.realtime.topic import Topic
from carillon.realtime.turns import turn

logger = logging.getLogger(__name__)

_P = ParamSpec("_P")
_R = TypeVar("_R")

LOCK_TIMEOUT = "2s"
# How libpq says where a connection stands.
_IDLE, _IN_TRANSACTION = 0, 2
_ATTEMPTS = 3
_RETRIED = {"40P01", "40001"}  # deadlock, serialisation failure
_BUSY = {"55P03", "57014"}  # lock timeout, statement timeout


class Published:
    """An event on its way: `position` is known after the block, and stays None inside a host's transaction."""

    __slots__ = ("draft", "position", "savepoint")

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.position: Position | None = None
        self.savepoint: Savepoint | None = None


class Savepoint:
    """Where in a transaction something was announced: all that was announced at one place stays, or is taken back, together."""

    __slots__ = ("ids",)

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = list(ids)

    def __call__(self) -> None:
        """Nothing; Django keeps this in its list of things to run on commit, which tells whether a savepoint was taken back."""


class Publish:
    """What `outbox()` yields: call it with a topic and a fact."""

    is_hosted = False

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._published: list[Published] = []
        self._savepoint: Savepoint | None = None
        self._before_commit: list[Callable[[], None]] = []

    def __call__(self, topic: Topic, fact: Fact, *, revokes: Sequence[str] = ()) -> Published:
        """Announce `fact` on `topic` when this commits; `revokes` names principals who may see nothing of the topic after it."""
        published = Published(_draft(topic, fact, revokes))
        self._keep(published)
        return published

    @property
    def last(self) -> Published | None:
        """What was announced last, if anything."""
        return self._published[-1] if self._published else None

    def after_commit(self, work: Callable[[], object]) -> None:
        """Run `work` once this is committed; its failure is logged and undoes nothing."""
        self._connection.on_commit(work, robust=True)

    def before_commit(self, work: Callable[[], None]) -> None:
        """Run `work` in the transaction, when positions are known; not called inside a host's transaction."""
        self._before_commit.append(work)

    def _keep(self, published: Published) -> None:
        self._published.append(published)
        ids = self._connection.savepoint_ids
        if self._savepoint is None or self._savepoint.ids != ids:
            self._savepoint = Savepoint(ids)
            self._connection.on_commit(self._savepoint)
        published.savepoint = self._savepoint

    def flush(self) -> None:
        """Give what survived its offsets, as the last thing before commit."""
        alive = {id(entry[1]) for entry in self._connection.run_on_commit}
        survivors = [published for published in self._published if id(published.savepoint) in alive]
        events = log.append([published.draft for published in survivors])
        own = events[len(events) - len(survivors) :]
        for published, event in zip(survivors, own, strict=True):
            published.position = event.position
        for work in self._before_commit:
            work()
        self.announce_on_commit(events)

    def announce_on_commit(self, events: Sequence[Event]) -> None:
        """Send the hint of these logged events once they are committed."""
        if events:
            self.after_commit(lambda: hints.send(events))


class HostedPublish(Publish):
    """The same inside a transaction of the host's: events are staged, and enter the log right after its commit."""

    is_hosted = True

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self._staged: set[Topic] = set()

    def _keep(self, published: Published) -> None:
        log.stage([published.draft])
        self._staged.add(published.draft.topic)
        self.after_commit(self._move)

    def _move(self) -> None:
        """Move all that was staged; a registration goes with its savepoint, so each publish makes one, and the first does it all."""
        topics, self._staged = self._staged, set()
        if topics:
            move_staged(sorted(topics))

    def flush(self) -> None:
        """Nothing: what was staged moves after the host's commit."""


def _draft(topic: Topic, fact: Fact, revokes: Sequence[str] = ()) -> Draft:
    return Draft(
        topic=topic, type=fact.name, data=encode_data(fact), at=time.time_ns() // 1_000_000, revokes=tuple(revokes)
    )


@contextmanager
def outbox(lock_timeout: str = "") -> Iterator[Publish]:
    """Open a transaction whose rows and published events commit together; nested, or in a host's transaction, a savepoint.

    `lock_timeout` is how long PostgreSQL waits for each lock, where not LOCK_TIMEOUT.
    """
    connection = log.connection()
    outer: Publish | None = getattr(connection, "carillon_outbox", None)
    if outer is not None and connection.in_atomic_block:
        with transaction.atomic(using=connection.alias):
            yield outer
        return
    publish = HostedPublish(connection) if in_transaction() else Publish(connection)
    connection.carillon_outbox = publish  # type: ignore[attr-defined]
    try:
        with (
            nullcontext() if publish.is_hosted else turn(connection) as mine,
            transaction.atomic(using=connection.alias),
        ):
            if mine is not None:
                mine.end_at_commit(connection)
                _limit_lock_waits(connection, lock_timeout or LOCK_TIMEOUT)
            yield publish
            publish.flush()
    finally:
        connection.carillon_outbox = None  # type: ignore[attr-defined]


def in_transaction() -> bool:
    """Whether this thread is in a transaction, the host's or ours; without autocommit it always is in the host's.

    The one that a TestCase opens and rolls back does not count: in it everything is as it would be outside.
    """
    connection = log.connection()
    if not connection.in_atomic_block:
        return not connection.get_autocommit()
    return not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def in_host_transaction() -> bool:
    """Whether a transaction is open that is not ours to commit."""
    outer: Publish | None = getattr(log.connection(), "carillon_outbox", None)
    return in_transaction() and (outer is None or outer.is_hosted)


def action(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a public write: run again, three times at most, on deadlock or serialisation failure.

    Raises Unavailable `busy` when locks do not come. Inside a transaction of the host's nothing is repeated: only the host can do that.
    """

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if in_transaction():
            return function(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                _raise_unless_retried(error, is_last=attempt == _ATTEMPTS)
                time.sleep(random.uniform(0, 0.02) * attempt)  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    return run


def _raise_unless_retried(error: OperationalError, *, is_last: bool) -> None:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _RETRIED and not is_last:
        return
    raise_as_busy(error)
    raise error


def raise_as_busy(error: OperationalError) -> None:
    """Raise Unavailable `busy` where it is locks that did not come; else return."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _RETRIED | _BUSY or "database is locked" in str(error):
        raise Unavailable("busy", "Others are writing here; try again.", retry_after=1) from error


@action
def move_staged(topics: Sequence[Topic]) -> int:
    """Give the staged events of these topics their offsets, in a short transaction of ours; returns how many moved."""
    try:
        with outbox() as publish:
            if publish.is_hosted:
                # Autocommit is switched off: the sweep moves them when this is committed.
                return 0
            events = log.append([], topics)
            publish.announce_on_commit(events)
    except TransactionManagementError:
        logger.exception("staged events wait for the sweep")
        return 0
    return len(events)


def broadcast(topic: Topic, fact: Fact, *, except_person: str | None = None) -> None:
    """Tell who is connected now, after the commit if a transaction is open; stored nowhere, may be lost."""
    _send(Event(topic=topic, type=fact.name, data=encode_data(fact), at=_now(), except_person=except_person))


def pass_on(topic: Topic, frame: bytes, dialect: str) -> None:
    """Say this frame, as it is, to who is connected now in this dialect; like `broadcast` in all else."""
    _send(Event(topic=topic, type="frame", data=frame, at=_now(), dialect=dialect))


def _now() -> dt.datetime:
    return moment(time.time_ns() // 1_000_000)


def _send(event: Event) -> None:
    """Send what is stored nowhere, after the commit if a transaction is open."""
    connection = log.connection()
    if connection.autocommit and not connection.in_atomic_block:
        # `on_commit` would find out the same, and look after the connection for it.
        hints.send([event])
    else:
        connection.on_commit(lambda: hints.send([event]), robust=True)


def _limit_lock_waits(connection: Any, timeout: str) -> None:
    """Local to the transaction that begins: a host's own setting is back at commit."""
    if connection.vendor == "postgresql" and not _begin(connection.connection, timeout):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [timeout])


def _begin(raw: Any, timeout: str) -> bool:
    """Begin the transaction and limit its waits in one round trip, where psycopg 3 would send a plain BEGIN with the next statement."""
    pgconn = getattr(raw, "pgconn", None)
    if pgconn is None or pgconn.transaction_status != _IDLE or _has_options(raw):
        return False
    pgconn.exec_(f"BEGIN; SET LOCAL lock_timeout = '{timeout}'".encode())
    return bool(pgconn.transaction_status == _IN_TRANSACTION)


def _has_options(raw: Any) -> bool:
    """Whether the host's settings say how transactions begin."""
    return any(getattr(raw, name) is not None for name in ("isolation_level", "read_only", "deferrable"))
