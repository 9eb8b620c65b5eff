"""The writer by itself: who leads, what a batch holds, and what becomes of it when it fails."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import pytest

from carillon.errors import Unavailable
from carillon.realtime import writer
from carillon.realtime.calls import Alone, Call, LoopCall, OutcomeUnknown, value_of
from carillon.realtime.writer import Done, Take, Writer
from tests.support import processes

SECONDS = 30


class Database:
    """What a writer performs with: it keeps batches, and stops at a gate or fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.before: BaseException | None = None
        self.after: BaseException | None = None
        self.writer = Writer(self.perform, limit=10, bound=50)

    def perform(self, take: Take, done: Done) -> None:
        if self.before:
            raise self.before
        batch = take()
        self.batches.append([call.item for call in batch])
        assert self.gate.wait(SECONDS)
        if self.after:
            raise self.after
        done([f"did {call.item}" for call in batch])

    def ask(self, item: Any, **options: Any) -> Any:
        """Ask from this thread."""
        return self.writer.do(Call(item, **options))


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(60) as made:
        yield made


def queued(database: Database, pool: ThreadPoolExecutor, *calls: Call) -> list[Future[Any]]:
    """Have threads ask, each after the one before it, while a first batch is held at the gate."""
    database.gate.clear()
    first = pool.submit(database.ask, "first")
    processes.wait_for(lambda: bool(database.batches), "the first batch")
    asked = [first]
    for number, call in enumerate(calls, 1):
        asked.append(pool.submit(database.writer.do, call))
        processes.wait_for(lambda number=number: len(database.writer._waiting) == number, f"{call.item} to wait")
    return asked


def outcomes(asked: Sequence[Future[Any]]) -> list[Any]:
    return [future.result(SECONDS) for future in asked]


def test_one_alone_waits_for_nobody(database: Database) -> None:
    assert [database.ask(1), database.ask(2)] == ["did 1", "did 2"]
    assert database.batches == [[1], [2]]


def test_what_is_asked_meanwhile_is_one_batch_in_the_order_of_asking(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    asked = queued(database, pool, *[Call(n) for n in range(9)])
    database.gate.set()
    assert outcomes(asked) == ["did first", *[f"did {n}" for n in range(9)]]
    assert database.batches == [["first"], list(range(9))]


def test_a_batch_is_bounded_by_weight_and_the_heaviest_goes_alone(database: Database, pool: ThreadPoolExecutor) -> None:
    weights = [6, 4, 1, 99, 5, 5]
    asked = queued(database, pool, *[Call(n, weight=weight) for n, weight in enumerate(weights)])
    database.gate.set()
    outcomes(asked)
    assert database.batches == [["first"], [0, 1], [2], [3], [4, 5]]


def test_the_same_key_is_not_twice_in_a_batch(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, *[Call(n, key=key) for n, key in enumerate(["a", "b", "a", None, "a", None])])
    database.gate.set()
    outcomes(asked)
    assert database.batches == [["first"], [0, 1, 3, 5], [2], [4]]


def test_a_batch_that_fails_is_given_back_to_each(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, Call(1), Call(2))
    database.after = RuntimeError("no")
    database.gate.set()
    with pytest.raises(RuntimeError, match="no"):
        asked[0].result(SECONDS)
    assert all(isinstance(outcome, Alone) for outcome in outcomes(asked[1:]))
    assert list(chain(*database.batches)) == ["first", 1, 2], "nothing is tried twice here"
    database.after = None
    assert database.ask(3) == "did 3"


def test_who_was_alone_has_longer_for_locks_and_for_nothing_else(database: Database) -> None:
    database.after = Unavailable("busy")
    assert isinstance(database.ask(1), Alone)
    database.after = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        database.ask(2)
    database.after = None
    assert database.ask(3) == "did 3"


def test_where_no_transaction_begins_everybody_is_sent_away(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, Call(1), Call(2))
    database.before = OSError("no connection")
    database.gate.set()
    first, leader, other = asked
    assert first.result(SECONDS) == "did first"
    with pytest.raises(OSError, match="no connection"):
        leader.result(SECONDS)
    assert isinstance(other.result(SECONDS), Alone)


def test_what_nobody_knows_is_repeated_by_nobody(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, Call(1), Call(2))
    database.after = OutcomeUnknown()
    database.gate.set()
    told = outcomes(asked)
    assert {(type(outcome), outcome.slug) for outcome in told} == {(Unavailable, "unavailable")}
    assert len({id(outcome) for outcome in told}) == 3, "each raises one of its own"


def test_too_many_are_refused_and_the_others_are_not(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, *[Call(n) for n in range(50)])
    with pytest.raises(Unavailable) as refused:
        database.ask("one too many")
    assert (refused.value.slug, refused.value.retry_after) == ("busy", 1)
    database.gate.set()
    assert len(set(outcomes(asked))) == 51


class Interrupted(Call):
    """A call whose thread is interrupted once it is woken."""

    def sleep(self) -> None:
        super().sleep()
        raise KeyboardInterrupt


def test_a_thread_that_is_interrupted_stops_nobody(database: Database, pool: ThreadPoolExecutor) -> None:
    first, interrupted, other = queued(database, pool, Interrupted("interrupted"), Call("other"))
    database.gate.set()
    assert outcomes([first, other]) == ["did first", "did other"]
    with pytest.raises(KeyboardInterrupt):
        interrupted.result(SECONDS)
    # It was to lead; what it asked for is not done.
    assert database.batches == [["first"], ["other"]]


def test_an_interrupted_leader_gives_back_what_it_took(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, Call(1), Call(2))
    database.after = KeyboardInterrupt()
    database.gate.set()
    for leader in asked[:2]:
        with pytest.raises(KeyboardInterrupt):
            leader.result(SECONDS)
    assert isinstance(asked[2].result(SECONDS), Alone)
    database.after = None
    assert database.ask(3) == "did 3"


def test_in_a_forked_process_nobody_waits(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool, Call(1))
    child = os.fork()
    if child == 0:
        database.gate.set()
        os._exit(0 if database.ask(2) == "did 2" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    database.gate.set()
    assert outcomes(asked) == ["did first", "did 1"]


# Coroutines.


def thread_of(pool: ThreadPoolExecutor) -> Callable[..., Any]:
    async def run(function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, function, *args)

    return run


async def test_coroutines_wait_without_threads(database: Database) -> None:
    with ThreadPoolExecutor(1) as one:
        run = thread_of(one)
        told = await asyncio.gather(*[database.writer.ask(LoopCall(n, run)) for n in range(25)])
    assert told == [f"did {n}" for n in range(25)]
    assert [len(batch) for batch in database.batches] == [10, 10, 5]


async def test_a_thread_does_not_wait_until_the_loop_has_found_one(database: Database) -> None:
    busy = threading.Event()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        one.submit(busy.wait, SECONDS)
        asked = asyncio.create_task(database.writer.ask(LoopCall("coroutine", thread_of(one))))
        await asyncio.sleep(0)
        assert await asyncio.get_running_loop().run_in_executor(other, database.ask, "thread") == "did thread"
        busy.set()
        assert await asked == "did coroutine"
    assert sorted(chain(*database.batches)) == ["coroutine", "thread"]


async def test_a_thread_hands_over_to_coroutines(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool)
    awaited = [asyncio.create_task(database.writer.ask(LoopCall(n, thread_of(pool)))) for n in range(3)]
    await asyncio.sleep(0)
    database.gate.set()
    assert await asyncio.gather(*awaited) == ["did 0", "did 1", "did 2"]
    assert outcomes(asked) == ["did first"]


async def test_the_thread_that_leads_stays_for_who_asks_next(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database()
    leaders: list[int] = []
    perform = database.writer._perform

    def note_who(take: Take, done: Done) -> None:
        leaders.append(threading.get_ident())
        perform(take, done)

    database.writer._perform = note_who
    monkeypatch.setattr(writer, "STAY", SECONDS)
    with ThreadPoolExecutor(8) as pool:
        for n in range(5):
            asked = [database.writer.ask(LoopCall((n, each), thread_of(pool))) for each in range(2)]
            assert await asyncio.gather(*asked) == [f"did {(n, each)}" for each in range(2)]
        # A thread wakes it too, and does not wait until it goes.
        assert await asyncio.to_thread(database.ask, "thread") == "did thread"
        monkeypatch.setattr(writer, "STAY", 0)
        await database.writer.ask(LoopCall("last", thread_of(pool)))
    assert len(set(leaders)) == 1
    assert database.ask("alone") == "did alone", "who went leads no more"


async def test_without_threads_coroutines_are_refused_and_threads_are_not(database: Database) -> None:
    async def run(*_: Any) -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    told = await asyncio.gather(*[database.writer.ask(LoopCall(n, run)) for n in range(3)])
    for outcome in told:
        with pytest.raises(Unavailable):
            value_of(outcome)
    assert await asyncio.to_thread(database.ask, 1) == "did 1"


def test_a_loop_that_is_gone_stops_nobody(database: Database, pool: ThreadPoolExecutor) -> None:
    asked = queued(database, pool)
    loop = asyncio.new_event_loop()

    async def ask() -> asyncio.Task[Any]:
        task = asyncio.create_task(database.writer.ask(LoopCall("gone", thread_of(pool))))
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(ask())
    loop.close()
    database.gate.set()
    assert outcomes(asked) == ["did first"]
    assert database.ask("next") == "did next"
    task._log_destroy_pending = False  # type: ignore[attr-defined]
