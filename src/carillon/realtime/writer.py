"""Writer: what several ask at the same moment is written in one transaction, led by one of them (decision 0020)."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any
from weakref import WeakSet

from carillon.errors import Unavailable
from carillon.realtime.calls import Alone, Call, LoopCall, OutcomeUnknown

logger = logging.getLogger(__name__)

# Beyond this many waiting, at some thousands a second, an answer would come too late to be of use.
BOUND = 4000

# So long a thread of a loop's stays when nobody waits any more, in seconds: whoever is told asks again within a moment, and
# another thread would have another connection, which has to read anew what this one has just written.
STAY = 0.003

Take = Callable[[], Sequence[Call]]
Done = Callable[[Sequence[Any]], None]


class Writer:
    """A queue of calls without a thread of its own: the first to ask leads, and carries out what others ask meanwhile.

    `perform(take, done)` opens a transaction, takes a batch as late as it can, commits, and says the outcomes, in order. What it raises
    means that nothing was committed; OutcomeUnknown, that nobody knows.
    """

    def __init__(self, perform: Callable[[Take, Done], None], *, limit: int, bound: int = BOUND) -> None:
        self._perform, self._limit, self._bound = perform, limit, bound
        _writers.add(self)
        self.forget()

    def forget(self) -> None:
        """Begin with nothing: in a forked process nobody waits, and who led the parent leads nobody."""
        self._mutex = threading.Lock()
        self._waiting: deque[Call] = deque()
        # Who leads; a LoopCall, while a thread to lead is being sought.
        self._leader: object = None
        # Held while the leader stays and nobody waits.
        self._idle: threading.Lock | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, call: Call) -> Any:
        """Wait, in this thread, for the outcome of a call; raises Unavailable `busy` when too many wait."""
        try:
            is_leader = self._enter(call)
            while not call.is_told:
                if is_leader:
                    self._lead_until(call)
                else:
                    call.sleep()
                    is_leader = not call.is_told
        except BaseException:
            # The thread is interrupted; nobody may wait for it.
            self._abandon(call)
            raise
        return call.outcome

    async def ask(self, call: LoopCall) -> Any:
        """Await the outcome of a call; whoever leads does it in a thread that `run` gives."""
        if self._enter(call):
            self._summon(call)
        return await call.future

    # Leading.

    def _enter(self, call: Call) -> bool:
        """Join the queue; says whether the caller has to see that somebody leads."""
        with self._mutex:
            if len(self._waiting) >= self._bound:
                raise Unavailable("busy", "Too many are writing here; try again.", retry_after=1)
            self._waiting.append(call)
            idle, self._idle = self._idle, None
            if idle is not None:
                idle.release()
            # A thread need not wait until the loop has found one.
            if self._leader is None or (isinstance(self._leader, LoopCall) and not isinstance(call, LoopCall)):
                self._leader = call
                return True
            return False

    def _lead_until(self, call: Call) -> None:
        try:
            while not call.is_told:
                self._lead(call)
        finally:
            self._hand_over(call)

    def _lead_for(self, summoned: LoopCall) -> None:
        """Lead until nobody asks any more, in a thread that was found for it; not if another came first."""
        with self._mutex:
            if self._leader is not summoned:
                return
            me = self._leader = object()
        try:
            while self._stay():
                self._lead(None)
        finally:
            self._hand_over(me)

    def _stay(self) -> bool:
        """Wait a moment for somebody who asks; says whether there is one."""
        with self._mutex:
            if self._waiting:
                return True
            idle = self._idle = threading.Lock()
            idle.acquire()
        idle.acquire(timeout=STAY)
        with self._mutex:
            self._idle = None
            return bool(self._waiting)

    def _lead(self, own: Call | None) -> None:
        """Carry out one batch."""
        batch: list[Call] = []

        def take() -> Sequence[Call]:
            batch.extend(self._take())
            return batch

        def done(outcomes: Sequence[Any]) -> None:
            self._tell(list(zip(batch, outcomes, strict=True)))
            batch.clear()

        _here.leads = True
        try:
            self._perform(take, done)
        except OutcomeUnknown as unknown:
            logger.exception("nobody knows whether %s writes were committed", len(batch))
            message = "The database went away; whether this was written is not known."
            self._tell([(call, Unavailable("unavailable", message, retry_after=2)) for call in batch])
            if not isinstance(unknown.__cause__, Exception | None):
                raise unknown.__cause__ from None
        except BaseException as error:
            # Without a batch there was not even a transaction: nobody waits for the next one to fail.
            failed = batch or self._take_all()
            logger.info("%s writes are carried out one by one", len(failed), exc_info=error)
            self._tell([(call, Alone()) for call in failed if call is not own])
            # Who was alone has failed already; only for locks is there a longer wait.
            is_over = failed == [own] and not isinstance(error, Unavailable)
            if not isinstance(error, Exception) or is_over or (own in failed and not batch):
                raise
            if own is not None and own in failed:
                own.tell(Alone())
        finally:
            _here.leads = False

    def _take(self) -> list[Call]:
        """The next batch, in order; a call with the key of an earlier one stays for the next."""
        batch: list[Call] = []
        kept: list[Call] = []
        keys: set[Hashable] = set()
        weight = 0
        with self._mutex:
            while self._waiting and weight < self._limit:
                call = self._waiting[0]
                if batch and weight + call.weight > self._limit:
                    break
                self._waiting.popleft()
                if call.key is not None:
                    if call.key in keys:
                        kept.append(call)
                        continue
                    keys.add(call.key)
                batch.append(call)
                weight += call.weight
            self._waiting.extendleft(reversed(kept))
        return batch

    def _take_all(self) -> list[Call]:
        with self._mutex:
            calls, self._waiting = list(self._waiting), deque()
        return calls

    def _hand_over(self, leader: object) -> None:
        """Let the next one lead: a thread that waits anyway, before the loop seeks one."""
        with self._mutex:
            if self._leader is not leader:
                return
            waiting = self._waiting
            threads = (call for call in waiting if not isinstance(call, LoopCall))
            successor = self._leader = next(threads, waiting[0] if waiting else None)
        if isinstance(successor, LoopCall):
            self._summon_from_afar(successor)
        elif successor is not None:
            successor.wake()

    # Telling.

    def _tell(self, outcomes: Sequence[tuple[Call, Any]]) -> None:
        """Tell each; a loop is woken once for all of its own."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[LoopCall, Any]]] = {}
        for call, outcome in outcomes:
            if isinstance(call, LoopCall):
                call.is_told = True
                by_loop.setdefault(call.loop, []).append((call, outcome))
            else:
                call.tell(outcome)
        for loop, told in by_loop.items():
            _in_loop(loop, _resolve, told)

    def _abandon(self, call: Call) -> None:
        with self._mutex:
            if call in self._waiting:
                self._waiting.remove(call)
        self._hand_over(call)

    # Threads for calls of a loop.

    def _summon(self, call: LoopCall) -> None:
        """Have a thread of the loop's lead; called in the loop."""
        task = call.loop.create_task(self._have_led(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _summon_from_afar(self, call: LoopCall) -> None:
        if not _in_loop(call.loop, self._summon, call):
            self._drop(call)

    async def _have_led(self, call: LoopCall) -> None:
        try:
            await call.run(self._lead_for, call)
        except BaseException as error:
            # Where no thread can be had, the process is stopping.
            self._drop(call)
            if not isinstance(error, Exception):
                raise

    def _drop(self, summoned: LoopCall) -> None:
        """No thread came: refuse what this loop asked, and let others lead."""
        with self._mutex:
            if self._leader is not summoned:
                return
            mine = [call for call in self._waiting if isinstance(call, LoopCall) and call.loop is summoned.loop]
            self._waiting = deque(call for call in self._waiting if call not in mine)
        self._tell([(call, Unavailable("unavailable", "The server is stopping.", retry_after=2)) for call in mine])
        self._hand_over(summoned)


def _in_loop(loop: asyncio.AbstractEventLoop, function: Callable[[Any], None], argument: Any) -> bool:
    """Have the loop call this; says whether there still is a loop."""
    try:
        loop.call_soon_threadsafe(function, argument)
    except RuntimeError:
        return False
    return True


def _resolve(told: Sequence[tuple[LoopCall, Any]]) -> None:
    for call, outcome in told:
        if not call.future.done():
            call.future.set_result(outcome)


def leads_here() -> bool:
    """Whether this thread leads; what it asks then, for instance on commit, cannot wait for another who may wait for it."""
    return getattr(_here, "leads", False)


_here = threading.local()
_writers: WeakSet[Writer] = WeakSet()


def _forget_all() -> None:
    for writer in _writers:
        writer.forget()


os.register_at_fork(after_in_child=_forget_all)
