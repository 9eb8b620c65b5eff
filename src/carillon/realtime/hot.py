"""Hot actions: writes that take a list, so that what many ask at once costs one transaction and a few statements (decision 0020).

    @hot(limit=100)
    def send_messages(publish: Publish, items: Sequence[NewMessage]) -> list[Sent | CarillonError]:
        ...

    send_messages(NewMessage(...))  # waits, returns Sent or raises

The function returns an outcome for each item, in order: a result, or the CarillonError that refuses this one, for which
nothing may have been written. What it raises undoes the whole batch, and each item is then carried out alone.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from typing import Any, Generic, TypeVar

from django.db import Error, OperationalError, transaction

from carillon.errors import CarillonError
from carillon.realtime import log
from carillon.realtime.calls import Alone, Call, LoopCall, OutcomeUnknown, Run, value_of
from carillon.realtime.idempotency import Claims, Once, do_once
from carillon.realtime.outbox import Publish, action, outbox, raise_as_busy
from carillon.realtime.writer import Done, Take, Writer, leads_here

logger = logging.getLogger(__name__)

# One held lock must not keep everybody waiting: who meets it in a batch waits for it alone, in a thread of their own.
BATCH_LOCK_TIMEOUT = "200ms"

_I = TypeVar("_I")
_R = TypeVar("_R")

Answer = Callable[[Any], bytes]


class Hot(Generic[_I, _R]):
    """An action that takes a list; call it with one item. Inside a transaction it is done at once, and goes with that."""

    def __init__(
        self,
        function: Callable[[Publish, Sequence[_I]], Sequence[_R | CarillonError]],
        limit: int,
        weight: Callable[[_I], int],
        after: Callable[[_R], None] | None,
        is_heard: Callable[[], bool],
    ) -> None:
        update_wrapper(self, function)
        self._function, self._weight, self._after, self._is_heard = function, weight, after, is_heard
        self.writer = Writer(self._perform, limit=limit)

    def __call__(self, item: _I) -> _R:
        """Carry out one item; raises what refuses it, and Unavailable `busy` when locks do not come or too many wait."""
        if _may_not_wait():
            return self._alone(item)
        outcome = self.writer.do(Call(item, weight=self._weight(item)))
        return self._alone(item) if isinstance(outcome, Alone) else self._finished(outcome)

    def once(self, once: Once, item: _I, answer: Callable[[_R], bytes]) -> tuple[bytes, bool]:
        """Carry out one item unless it was done before; returns the answer, and whether it is an old one.

        `answer` makes it when positions are known, in the transaction, and may not touch the database. Raises
        Conflict as `run_once` does.
        """
        if _may_not_wait():
            return self._alone_once(once, item, answer)
        outcome = self.writer.do(Call(item, key=once.place, weight=self._weight(item), details=(once, answer)))
        if isinstance(outcome, Alone):
            return self._alone_once(once, item, answer)
        result, answered, is_old = value_of(outcome)
        if not is_old:
            self._finished(result)
        return answered, is_old

    async def ask(self, run: Run, item: _I, answer: Callable[[_R], bytes], once: Once | None = None) -> bytes:
        """The same for a coroutine, which waits without a thread; `run` carries out a function in one. Returns the answer."""
        key = once.place if once else None
        call = LoopCall(item, run, key=key, weight=self._weight(item), details=(once, answer))
        outcome = await self.writer.ask(call)
        if isinstance(outcome, Alone):
            made: bytes = await run(self._answer_alone, once, item, answer)
            return made
        result, answered, is_old = value_of(outcome)
        if self._is_awaited() and not is_old:
            await run(self._finished, result)
        return bytes(answered)

    # Alone.

    @action
    def _alone(self, item: _I) -> _R:
        with outbox() as publish:
            return self._carry_out(publish, item)

    def _alone_once(self, once: Once, item: _I, answer: Callable[[_R], bytes]) -> tuple[bytes, bool]:
        def work() -> Callable[[], bytes]:
            return partial(answer, self._alone(item))

        return do_once(once, work)

    def _answer_alone(self, once: Once | None, item: _I, answer: Callable[[_R], bytes]) -> bytes:
        return answer(self._alone(item)) if once is None else self._alone_once(once, item, answer)[0]

    def _carry_out(self, publish: Publish, item: _I) -> _R:
        [outcome] = self._function(publish, [item])
        result: _R = value_of(outcome)
        if self._is_awaited() and not publish.is_hosted:
            publish.after_commit(lambda: self._finished(result))
        return result

    # Together.

    def _perform(self, take: Take, done: Done) -> None:
        is_committing = is_committed = False
        outcomes: list[Any] = []

        def begin_commit() -> None:
            nonlocal is_committing
            is_committing = True

        def committed() -> None:
            nonlocal is_committed
            is_committed = True

        try:
            with outbox(BATCH_LOCK_TIMEOUT) as publish:
                batch = _Batch(take())
                batch.carry_out(publish, self._function)
                publish.before_commit(lambda: outcomes.extend(batch.close()))
                publish.before_commit(begin_commit)
                transaction.on_commit(committed, using=log.alias())
            # In a test that is taken back nothing runs on commit.
            is_committed = True
        except BaseException as error:
            if is_committing and not is_committed and not _is_told(error):
                raise OutcomeUnknown from error
            if isinstance(error, OperationalError):
                raise_as_busy(error)
            raise
        finally:
            if is_committed:
                done(outcomes)

    def _is_awaited(self) -> bool:
        """Whether anything follows a write; where nothing does, no coroutine takes a thread for it."""
        return self._after is not None and self._is_heard()

    def _finished(self, outcome: Any) -> _R:
        result: _R = value_of(outcome)
        if self._after is not None and self._is_heard():
            try:
                self._after(result)
            except Exception:
                # It is written: this must not look like a write that failed.
                logger.exception("what was to follow a write failed")
        return result


class _Batch:
    """The calls of one transaction."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls
        self._onces: dict[Call, Once] = {call: call.details[0] for call in calls if call.details and call.details[0]}
        self._claims = Claims(list(self._onces.values()))
        self._outcomes: dict[Call, Any] = {}

    def carry_out(self, publish: Publish, function: Callable[[Publish, Sequence[Any]], Sequence[Any]]) -> None:
        """Do what was not done before."""
        mine = [call for call in self._calls if self._onces.get(call) not in self._claims.earlier]
        if mine:
            self._outcomes = dict(zip(mine, function(publish, [call.item for call in mine]), strict=True))
        # What is refused is not kept.
        self._claims.release(
            [once for call, once in self._onces.items() if isinstance(self._outcomes.get(call), CarillonError)]
        )

    def close(self) -> list[Any]:
        """Make and keep the answers, now that positions are known; returns what each caller is told."""
        outcomes = {call: self._outcome_of(call) for call in self._calls}
        self._claims.keep(
            {
                once: outcomes[call][1]
                for call, once in self._onces.items()
                if call in self._outcomes and not isinstance(outcomes[call], CarillonError)
            }
        )
        return list(outcomes.values())

    def _outcome_of(self, call: Call) -> Any:
        if call not in self._outcomes:
            earlier = self._claims.earlier[self._onces[call]]
            return earlier if isinstance(earlier, CarillonError) else (None, earlier, True)
        outcome = self._outcomes[call]
        if isinstance(outcome, CarillonError) or call.details is None:
            return outcome
        return outcome, call.details[1](outcome), False


def hot(
    *,
    limit: int = 100,
    weight: Callable[[Any], int] = lambda _: 1,
    after: Callable[[Any], None] | None = None,
    is_heard: Callable[[], bool] = lambda: True,
) -> Callable[[Callable[[Publish, Sequence[_I]], Sequence[_R | CarillonError]]], Hot[_I, _R]]:
    """Make a function over a list of items a hot action; a transaction takes items of at most `limit` together.

    `weight` is what an item counts for; `after` gets each result after the commit, in a thread of whoever asked, while
    `is_heard` says that somebody listens.
    """

    def declare(function: Callable[[Publish, Sequence[_I]], Sequence[_R | CarillonError]]) -> Hot[_I, _R]:
        return Hot(function, limit, weight, after, is_heard)

    return declare


def _may_not_wait() -> bool:
    """Whether this thread leads others, or is in a transaction, be it a test's: another thread would not see what it sees."""
    connection = log.connection()
    if leads_here():
        return True
    if connection.connection is None:
        # Who waits for another needs no connection of its own.
        return not connection.settings_dict["AUTOCOMMIT"]
    return connection.in_atomic_block or not connection.autocommit


def _is_told(error: BaseException) -> bool:
    """Whether the database itself said that it did not commit; a connection that is lost says nothing."""
    cause = error.__cause__ if isinstance(error, Error) else None
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF != sqlite3.SQLITE_IOERR
    state = getattr(cause, "sqlstate", None)
    return state is not None and not state.startswith(("08", "57P"))
