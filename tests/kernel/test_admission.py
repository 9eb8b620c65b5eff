"""Admission: what comes together is asked in batches, in order, a few at a time; each answer is for who asked."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from carillon.errors import Unauthenticated, Unavailable
from carillon.realtime.admission import Turns
from carillon.realtime.batches import Batches, Calls
from carillon.realtime.loop_lag import LoopLag


class Desk:
    """Work that waits to be let through, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def work(self, items: list[int]) -> list[int | Exception]:
        self.batches.append(items)
        await self.open.wait()
        return [Unauthenticated("token_invalid") if item < 0 else 10 * item for item in items]


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_those_who_come_meanwhile_go_together_in_the_order_of_coming() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=3, at_once=1)
    asked = [asyncio.ensure_future(batches.ask(number)) for number in range(1, 6)]
    await _settle()
    assert desk.batches == [[1, 2, 3]] and batches.waiting == 2
    desk.open.set()
    assert await asyncio.gather(*asked) == [10, 20, 30, 40, 50]
    assert desk.batches == [[1, 2, 3], [4, 5]] and batches.waiting == 0


async def test_no_more_are_in_work_than_may_be() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=1, at_once=2)
    asked = [asyncio.ensure_future(batches.ask(number)) for number in range(5)]
    await _settle()
    assert desk.batches == [[0], [1]] and batches.waiting == 3
    desk.open.set()
    assert await asyncio.gather(*asked) == [0, 10, 20, 30, 40]


async def test_who_asks_again_at_once_is_answered_though_the_call_before_just_ended() -> None:
    desk = Desk()
    desk.open.set()
    batches = Batches(desk.work, size=4, at_once=1)
    async with asyncio.timeout(10):
        assert [await batches.ask(number) for number in range(5)] == [0, 10, 20, 30, 40]


async def test_another_call_begins_beside_one_in_work_only_for_some_who_wait() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=8, at_once=2)
    asked = [asyncio.ensure_future(batches.ask(0))]
    await _settle()
    for number in range(1, 4):
        asked.append(asyncio.ensure_future(batches.ask(number)))
        await _settle()
    assert desk.batches == [[0], [1, 2, 3]] and batches.waiting == 0
    desk.open.set()
    assert await asyncio.gather(*asked) == [0, 10, 20, 30]


async def test_one_refusal_is_nobody_elses() -> None:
    desk = Desk()
    desk.open.set()
    batches = Batches(desk.work, size=3, at_once=1)
    good, bad, other = await asyncio.gather(*map(batches.ask, (1, -1, 2)), return_exceptions=True)
    assert (good, other) == (10, 20) and isinstance(bad, Unauthenticated)


async def test_work_that_fails_is_told_to_all_whom_it_concerned_and_the_next_are_served() -> None:
    served: list[list[int]] = []

    async def work(items: list[int]) -> list[int]:
        served.append(items)
        if len(served) == 1:
            raise OSError("the database does not answer")
        return items

    batches = Batches(work, size=2, at_once=1)
    first, second, third = await asyncio.gather(*map(batches.ask, (1, 2, 3)), return_exceptions=True)
    assert isinstance(first, OSError) and isinstance(second, OSError) and third == 3


async def test_who_has_left_is_not_asked_for() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=1, at_once=1)
    asked = [asyncio.ensure_future(batches.ask(number)) for number in range(3)]
    await _settle()
    asked[1].cancel()
    desk.open.set()
    assert await asked[2] == 20 and desk.batches == [[0], [2]]


async def test_where_waiting_is_hopeless_one_is_told_when_to_come_back() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=1, at_once=1, most_waiting=2)
    asked = []
    for number in range(3):
        asked.append(asyncio.ensure_future(batches.ask(number)))
        await _settle()
    assert batches.is_full
    with pytest.raises(Unavailable) as refused:
        await batches.ask(4)
    assert refused.value.slug == "busy" and refused.value.retry_after
    desk.open.set()
    await asyncio.gather(*asked)
    assert not batches.is_full and await batches.ask(4) == 40


async def test_calls_of_a_crowd_go_one_after_the_other_whatever_they_are_for() -> None:
    running: list[int] = []
    most = 0

    async def work(items: list[int]) -> list[int]:
        nonlocal most
        running.extend(items)
        most = max(most, len(running))
        await _settle()
        running.clear()
        return items

    calls = Calls(crowd=4, patience=60)
    each = [Batches(work, size=4, at_once=2, calls=calls) for _ in range(2)]
    asked = [batches.ask(number) for number in range(8) for batches in each]
    assert await asyncio.gather(*asked) == [number for number in range(8) for _ in each]
    assert most == 4


@pytest.mark.parametrize(("crowd", "patience"), [(4, 0.0), (20, 60.0)])
async def test_nobody_waits_for_a_call_that_is_slow_or_where_few_ask(crowd: int, patience: float) -> None:
    slow, quick = Desk(), Desk()
    quick.open.set()
    calls = Calls(crowd=crowd, patience=patience)
    one, other = (Batches(desk.work, size=8, at_once=1, calls=calls) for desk in (slow, quick))
    held = [asyncio.ensure_future(one.ask(number)) for number in range(6)]
    await _settle()
    async with asyncio.timeout(10):
        assert await other.ask(7) == 70
    slow.open.set()
    assert await asyncio.gather(*held) == [0, 10, 20, 30, 40, 50]


async def test_a_crowd_that_goes_on_coming_comes_along() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=32, at_once=1, calls=Calls(crowd=4, patience=60))
    asked = [asyncio.ensure_future(batches.ask(0))]
    await _settle()
    asked += [asyncio.ensure_future(batches.ask(number)) for number in range(1, 6)]
    await _settle()
    desk.open.set()
    for number in range(6, 11):
        asked.append(asyncio.ensure_future(batches.ask(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*asked)
    assert desk.batches == [[0], list(range(1, 11))]


async def test_closed_it_leaves_nobody_waiting() -> None:
    desk = Desk()
    batches = Batches(desk.work, size=1, at_once=1)
    asked = [asyncio.ensure_future(batches.ask(number)) for number in range(3)]
    await _settle()
    await batches.close()
    await asyncio.wait(asked, timeout=10)
    assert all(each.cancelled() for each in asked)


async def test_so_many_begin_in_one_tick_and_the_others_in_the_next_ones_in_order() -> None:
    turns, loop = Turns(2), asyncio.get_running_loop()
    begun: list[int] = []
    ticks: list[int] = []

    async def one(number: int) -> None:
        await turns.wait()
        begun.append(number)

    async def watch() -> None:
        while len(begun) < 7:
            ticks.append(len(begun))
            await asyncio.sleep(0)

    asked = [loop.create_task(one(number)) for number in range(7)]
    await asyncio.wait([loop.create_task(watch()), *asked], timeout=10)
    assert begun == list(range(7)) and turns.waiting == 0
    assert max(after - before for before, after in pairwise(ticks)) <= 2
    # Alone one does not wait.
    alone = turns.wait()
    with pytest.raises(StopIteration):
        alone.send(None)


async def test_a_turn_of_who_has_left_is_the_next_ones() -> None:
    turns = Turns(1)
    asked = [asyncio.ensure_future(turns.wait()) for _ in range(4)]
    await asyncio.sleep(0)
    asked[1].cancel()
    done, _ = await asyncio.wait(asked, timeout=10)
    assert len(done) == 4 and [each.cancelled() for each in asked] == [False, True, False, False]


def test_the_lag_of_the_loop_is_counted_by_how_late_it_was() -> None:
    lag = LoopLag()
    for late in (0.0, 0.001, 0.004, 0.3, 60.0):
        lag.note(late)
    assert lag.counts == [2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1] and lag.total == pytest.approx(60.305)
