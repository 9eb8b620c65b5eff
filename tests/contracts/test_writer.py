"""Hot actions on a database: many at once in one transaction, each answered for itself, nothing lost and nothing doubled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, connections, transaction

from carillon.errors import Conflict, NotFound, Unavailable
from carillon.realtime.hot import hot
from carillon.realtime.idempotency import Once
from carillon.realtime.models import IdempotencyKey
from carillon.realtime.outbox import Publish, Published, outbox
from carillon.realtime.topic import Topic
from tests.contracts.facts import Happened, hinted, in_threads, numbers
from tests.contracts.notes import TALK, Note, batches, write_notes
from tests.support.gathered import gathered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

SECONDS = 30


@pytest.fixture(autouse=True)
def _no_batches_yet() -> None:
    batches.clear()


def rows() -> list[int]:
    """The notes that are stored."""
    return sorted(int(name.removeprefix("note ")) for name in Group.objects.values_list("name", flat=True))


def at_once(*notes: Note) -> list[Future[Any]]:
    """Write these in one batch, each for a thread of its own."""
    with gathered(write_notes) as begin:
        return [begin(lambda note=note: write_notes(note)) for note in notes]


def test_many_at_once_are_one_transaction_and_each_gets_its_own_answer() -> None:
    other = Topic("conversation", "2")
    with hinted() as heard:
        done = at_once(*[Note(n, other if n % 3 == 0 else TALK) for n in range(9)])
    assert [future.result().position.offset for future in done] == [1, 1, 2, 2, 3, 4, 3, 5, 6]
    assert batches == [list(range(9))]
    assert (numbers(TALK), numbers(other)) == ([1, 2, 4, 5, 7, 8], [0, 3, 6])
    assert rows() == list(range(9)) and len(heard) == 9


def test_one_that_is_refused_is_refused_alone() -> None:
    done = at_once(Note(1), Note(2, fault="refused"), Note(3))
    with pytest.raises(NotFound, match="not 2"):
        done[1].result()
    assert [done[0].result().position.offset, done[2].result().position.offset] == [1, 2]
    assert batches == [[1, 2, 3]], "nobody is run again for it"


@pytest.mark.parametrize(("fault", "error"), [("bug", ZeroDivisionError), ("commit", IntegrityError)])
def test_one_that_breaks_the_batch_hurts_nobody_else(fault: str, error: type[Exception]) -> None:
    done = at_once(Note(1), Note(2, fault=fault), Note(3))
    with pytest.raises(error):
        done[1].result()
    assert sorted([done[0].result().position.offset, done[2].result().position.offset]) == [1, 2]
    assert rows() == sorted(numbers(TALK)) == [1, 3]
    assert batches[0] == [1, 2, 3] and sorted(batches[1:]) == [[1], [2], [3]]


def test_what_was_lost_in_the_commit_is_told_and_not_repeated() -> None:
    done = at_once(Note(1), Note(2, fault="away"), Note(3))
    for future in done:
        with pytest.raises(Unavailable) as told:
            future.result()
        assert told.value.slug == "unavailable"
    assert batches == [[1, 2, 3]]
    assert rows() == numbers(TALK) == []
    connection.close()
    assert write_notes(Note(4)).position is not None


def test_a_lock_that_is_held_keeps_only_those_waiting_who_need_it() -> None:
    other, holds, is_told = Topic("conversation", "2"), threading.Event(), threading.Event()

    def hold() -> None:
        with outbox() as publish:
            publish(TALK, Happened(n=0))
            publish.flush()
            publish._published.clear()
            holds.set()
            assert is_told.wait(SECONDS)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(in_threads, hold)
        assert holds.wait(SECONDS)
        try:
            if connection.vendor == "postgresql":
                waiting, free = at_once(Note(1), Note(2, other))
                assert free.result().position.offset == 1
                with pytest.raises(Unavailable) as refused:
                    waiting.result()
                assert (refused.value.slug, rows()) == ("busy", [2])
        finally:
            is_told.set()
        holding.result()
    # On SQLite one writer waits for another whatever they write.
    assert write_notes(Note(3)).position.offset == 2


def test_each_caller_s_order_is_kept_and_nothing_is_lost_or_doubled() -> None:
    def send(caller: int) -> list[int]:
        offsets = []
        for n in range(caller * 100, caller * 100 + 25):
            try:
                offsets.append(write_notes(Note(n, fault="refused" if n % 10 == 3 else "")).position.offset)
            except NotFound:
                continue
        return offsets

    sent = in_threads(*[lambda caller=caller: send(caller) for caller in range(12)])
    wanted = [caller * 100 + n for caller in range(12) for n in range(25) if n % 10 != 3]
    assert all(offsets == sorted(offsets) for offsets in sent)
    assert sorted(chain(*sent)) == list(range(1, len(wanted) + 1))
    assert rows() == sorted(numbers(TALK)) == wanted


def test_what_runs_on_commit_may_ask_again() -> None:
    other = Topic("conversation", "2")

    @hot()
    def write_twice(publish: Publish, notes: Sequence[Note]) -> list[Published]:
        for note in notes:
            publish.after_commit(lambda note=note: write_notes(Note(100 + note.n, other)))
            if note.n < 10:
                publish.after_commit(lambda note=note: write_twice(Note(10 + note.n)))
        return [publish(note.topic, Happened(n=note.n)) for note in notes]

    with gathered(write_twice) as begin:
        done = [begin(lambda n=n: write_twice(Note(n))) for n in range(3)]
    assert [future.result().position.offset for future in done] == [1, 2, 3]
    assert numbers(TALK) == [0, 1, 2, 10, 11, 12] and sorted(rows()) == [100, 101, 102, 110, 111, 112]


def test_what_follows_a_write_fails_no_write() -> None:
    followed: list[int] = []

    def follow(published: Published) -> None:
        assert published.position is not None
        followed.append(published.position.offset)
        raise ZeroDivisionError

    @hot(after=follow)
    def write(publish: Publish, notes: Sequence[Note]) -> list[Published]:
        return [publish(note.topic, Happened(n=note.n)) for note in notes]

    assert write(Note(1)).position is not None
    with transaction.atomic():
        write(Note(2))
    with outbox():
        write(Note(3))
    assert numbers(TALK) == [1, 2, 3]
    assert followed == [1, 3], "in a host's transaction nothing is known yet"


def test_nobody_hears_and_no_thread_is_taken_to_tell_them() -> None:
    is_heard = False
    followed: list[Published] = []
    in_thread: list[Any] = []

    @hot(after=followed.append, is_heard=lambda: is_heard)
    def write(publish: Publish, notes: Sequence[Note]) -> list[Published]:
        return [publish(note.topic, Happened(n=note.n)) for note in notes]

    async def ask(n: int) -> bytes:
        async def run(function: Any, *arguments: Any) -> Any:
            in_thread.append(function)
            return await asyncio.get_running_loop().run_in_executor(pool, function, *arguments)

        return await write.ask(run, Note(n), lambda _: b"done")

    with ThreadPoolExecutor(1) as pool:
        assert asyncio.run(ask(1)) == b"done"
        assert (len(in_thread), followed) == (1, [])
        is_heard = True
        assert asyncio.run(ask(2)) == b"done"
        pool.submit(connections.close_all).result(SECONDS)
    assert [published.position.offset for published in followed if published.position] == [2]


# Keys.


def once(key: str, request: Any, n: int, **options: Any) -> tuple[bytes, bool]:
    def answer(done: Published) -> bytes:
        return b"%d" % (done.position.offset if done.position else 0)

    return write_notes.once(Once.of("7", "write", key, request), Note(n, **options), answer)


def test_the_same_key_in_one_batch_has_one_effect_and_one_answer() -> None:
    with gathered(write_notes) as begin:
        same = [begin(lambda: once("k", {}, 1)) for _ in range(5)]
        different, another = begin(lambda: once("k", {"x": 1}, 2)), begin(lambda: once("l", {}, 3))
    assert [future.result() for future in same] == [(b"1", False)] + [(b"1", True)] * 4
    with pytest.raises(Conflict) as mismatch:
        different.result()
    assert mismatch.value.slug == "idempotency_mismatch"
    assert another.result() == (b"2", False)
    assert rows() == numbers(TALK) == [1, 3]
    assert once("k", {}, 1) == (b"1", True)
    assert {(row.key, row.answer) for row in IdempotencyKey.objects.all()} == {("k", "1"), ("l", "2")}


def test_a_refusal_is_no_answer_to_keep() -> None:
    with gathered(write_notes) as begin:
        refused, fine = begin(lambda: once("k", {}, 1, fault="refused")), begin(lambda: once("l", {}, 2))
    with pytest.raises(NotFound):
        refused.result()
    assert fine.result() == (b"1", False)
    assert once("k", {}, 1) == (b"2", False)


def test_a_key_counts_for_who_is_carried_out_alone_too() -> None:
    with gathered(write_notes) as begin:
        broken, fine = begin(lambda: once("k", {}, 1, fault="bug")), begin(lambda: once("l", {}, 2))
    with pytest.raises(ZeroDivisionError):
        broken.result()
    assert fine.result() == (b"1", False)
    assert once("l", {}, 2) == (b"1", True)
    assert [row.key for row in IdempotencyKey.objects.all()] == ["l"]


# Transactions of others.


def test_in_a_hosts_transaction_it_is_done_at_once_and_goes_with_it() -> None:
    with transaction.atomic():
        assert write_notes(Note(1)).position is None
        assert rows() == [1] and numbers(TALK) == []
        assert once("k", {}, 2) == (b"0", False)
        assert once("k", {}, 2) == (b"0", True)
        transaction.set_rollback(True)
    assert rows() == [] and not IdempotencyKey.objects.exists()
    with transaction.atomic():
        write_notes(Note(2))
        with pytest.raises(NotFound):
            write_notes(Note(3, fault="refused"))
    assert rows() == numbers(TALK) == [2]


def test_in_a_block_of_our_own_it_is_part_of_it() -> None:
    with outbox() as publish:
        publish(TALK, Happened(n=0))
        done = write_notes(Note(1))
        assert done.position is None
    assert numbers(TALK) == [0, 1] and done.position is not None
