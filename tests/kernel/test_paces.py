"""Pace: so many in each tick, in the order of asking."""

from __future__ import annotations

from carillon.realtime.paces import Pace
from tests.kernel.virtual_time import VirtualLoop


def test_so_many_go_on_in_each_tick_in_the_order_of_asking(loop: VirtualLoop) -> None:
    pace, ticks, seen = Pace(2), [0], list[tuple[int, int]]()

    async def one(number: int) -> None:
        await pace.keep()
        seen.append((ticks[0], number))

    def tick() -> None:
        ticks[0] += 1
        if len(seen) < 7:
            loop.call_soon(tick)

    tasks = [loop.create_task(one(number)) for number in range(7)]
    loop.call_soon(tick)
    loop.settle()
    assert all(task.done() for task in tasks)
    assert [number for _, number in seen] == list(range(7))
    assert max(sum(1 for when, _ in seen if when == each) for each in range(ticks[0] + 1)) == 2


def test_who_gives_up_takes_no_turn(loop: VirtualLoop) -> None:
    pace = Pace(1)
    tasks = [loop.create_task(pace.keep()) for _ in range(4)]
    loop.call_soon(tasks[1].cancel)
    loop.settle()
    assert [task.cancelled() for task in tasks] == [False, True, False, False]
