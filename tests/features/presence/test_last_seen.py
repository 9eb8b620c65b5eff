"""When people were seen last is written seldom, together, and never in the way of their leases; in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.features.presence.village import Village, device, told
from tests.kernel.virtual_time import VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.finish()
    assert not made.failures


def test_last_seen_is_written_once_a_minute_for_who_is_there(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    for _ in range(3):
        node.enter(device("1"))
    written: list[dict[str, object]] = []
    call = node.runtime.call

    async def counted(function: object, *arguments: object) -> object:
        written.append(dict(arguments[0]))  # type: ignore[call-overload]
        return await call(function, *arguments)  # type: ignore[arg-type]

    node.runtime.call = counted  # type: ignore[assignment, method-assign]
    loop.advance(305.0)
    assert [set(each) for each in written] == [{"1"}] * 5
    village.close()


def test_of_a_process_that_stops_it_is_written_when_everybody_left(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    stays, goes = device("1"), device("2")
    node.enter(stays)
    node.enter(goes)
    loop.advance(1.0)
    node.leave(goes)
    loop.advance(0.5)
    node.task.cancel()
    loop.settle()
    assert set(node.runtime.seen) == {"1", "2"}
    village.close()


def test_a_database_that_does_not_answer_keeps_nobodys_lease_from_being_renewed(loop: VirtualLoop) -> None:
    village, states = Village(loop, 1), dict[str, str]()
    (node,) = village.nodes
    village.watch(node, ["1"], lambda frame: states.update(told(frame)))

    async def hangs(function: Callable[..., Any], *arguments: Any) -> Any:
        await asyncio.Event().wait()

    node.runtime.call = hangs  # type: ignore[method-assign]
    node.enter(device("1"))
    loop.advance(200.0)
    assert states == {"1": "online"}
    village.close()


def test_what_could_not_be_written_is_written_later(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    call, failures = node.runtime.call, [OSError("the database is away")] * 2

    async def fails(function: Callable[..., Any], *arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return await call(function, *arguments)

    node.runtime.call = fails  # type: ignore[method-assign]
    mine = device("1")
    node.enter(mine)
    loop.advance(2.0)
    node.leave(mine)
    loop.advance(10.0)
    assert not node.runtime.seen
    loop.advance(20.0)
    assert set(node.runtime.seen) == {"1"}
    village.close()
