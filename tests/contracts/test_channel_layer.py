"""The channel-layer specification of Channels, on our layer and on Channels' own; then what ours adds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer
from django.test import override_settings

from carillon.realtime import mailboxes, runtime
from carillon.realtime.channel_layer import CarillonChannelLayer
from carillon.realtime.mailboxes import Full, Mailboxes
from tests.support.clock import Clock
from tests.support.covers import covers

MESSAGE = {"type": "test.message", "value": "x"}


@pytest.fixture(params=[CarillonChannelLayer, InMemoryChannelLayer])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    kind: Callable[..., Any] = request.param
    return kind


@pytest.fixture
def layer(make: Callable[..., Any]) -> Any:
    return make(capacity=3)


async def soon(work: Any) -> Any:
    async with asyncio.timeout(10):
        return await work


async def is_silent(layer: Any, channel: str) -> bool:
    try:
        async with asyncio.timeout(0.02):
            await layer.receive(channel)
    except TimeoutError:
        return True
    return False


async def test_a_message_comes_out_as_it_went_in_and_in_order(layer: Any) -> None:
    sent = [
        {"type": "a", "text": "é🔔", "bytes": b"\x00\xff", "list": [1, 2.5, None, True], "deep": {"x": {"y": []}}},
        {"type": "b"},
    ]
    for message in sent:
        await layer.send("test-ch-1", message)
    assert [await soon(layer.receive("test-ch-1")) for _ in sent] == sent


async def test_what_is_changed_after_sending_is_not_changed_in_what_was_sent(layer: Any) -> None:
    message: dict[str, Any] = {"type": "a", "list": [1]}
    await layer.send("test-ch-1", message)
    message["list"].append(2)
    assert (await soon(layer.receive("test-ch-1")))["list"] == [1]


async def test_a_reader_waits_and_each_message_goes_to_one_reader(layer: Any) -> None:
    readers = [asyncio.create_task(layer.receive("test-ch-1")) for _ in range(3)]
    await asyncio.sleep(0)
    for number in range(3):
        await layer.send("test-ch-1", {"type": "n", "n": number})
    assert sorted([(await soon(reader))["n"] for reader in readers]) == [0, 1, 2]


async def test_a_reader_that_gives_up_takes_nothing_with_it(layer: Any) -> None:
    for number in range(20):
        reader = asyncio.create_task(layer.receive("test-ch-1"))
        await asyncio.sleep(0)
        await layer.send("test-ch-1", {"type": "n", "n": number})
        reader.cancel()
        taken = await asyncio.gather(reader, return_exceptions=True)
        if isinstance(taken[0], asyncio.CancelledError):
            taken = [await soon(layer.receive("test-ch-1"))]
        assert taken[0]["n"] == number


async def test_a_full_channel_says_so(layer: Any) -> None:
    for _ in range(3):
        await layer.send("narrow", MESSAGE)
    with pytest.raises(ChannelFull):
        await layer.send("narrow", MESSAGE)
    await soon(layer.receive("narrow"))
    await layer.send("narrow", MESSAGE)


async def test_groups_reach_their_members_and_nobody_else(layer: Any) -> None:
    one, two, three = [await layer.new_channel() for _ in range(3)]
    await layer.group_add("room", one)
    await layer.group_add("room", one)
    await layer.group_add("room", two)
    await layer.group_add("other", three)
    await layer.group_discard("other", two)
    await layer.group_send("room", MESSAGE)
    assert [await soon(layer.receive(channel)) for channel in (one, two)] == [MESSAGE] * 2
    for channel in (one, two, three):
        assert await is_silent(layer, channel)
    await layer.group_discard("room", one)
    await layer.group_send("room", MESSAGE)
    assert await soon(layer.receive(two)) == MESSAGE
    assert await is_silent(layer, one)


async def test_a_group_send_passes_over_who_is_full(layer: Any) -> None:
    for channel in ("full-1", "free-1"):
        await layer.group_add("room", channel)
    for _ in range(3):
        await layer.send("full-1", {"type": "old"})
    await layer.group_send("room", MESSAGE)
    assert await soon(layer.receive("free-1")) == MESSAGE
    assert [(await soon(layer.receive("full-1")))["type"] for _ in range(3)] == ["old"] * 3
    assert await is_silent(layer, "full-1")


async def test_a_group_of_nobody_and_a_message_to_nobody_are_no_errors(layer: Any) -> None:
    await layer.group_send("nobody", MESSAGE)
    await layer.group_discard("nobody", "test-ch-1")


async def test_channel_names_are_new_each_time_and_valid(layer: Any) -> None:
    names = {await layer.new_channel() for _ in range(50)}
    assert len(names) == 50 and all("!" in name and layer.require_valid_channel_name(name) for name in names)
    assert (await layer.new_channel("prefix")).startswith("prefix")


async def test_flush_forgets_messages_and_groups(layer: Any) -> None:
    assert {"groups", "flush"} <= set(layer.extensions)
    await layer.send("test-ch-1", MESSAGE)
    await layer.group_add("room", "test-ch-2")
    await layer.flush()
    await layer.group_send("room", MESSAGE)
    assert await is_silent(layer, "test-ch-1") and await is_silent(layer, "test-ch-2")


@pytest.mark.parametrize("name", ["a b", "", "é", "x" * 100, 7])
async def test_bad_names_are_refused(layer: Any, name: Any) -> None:
    for call in (
        layer.send(name, MESSAGE),
        layer.receive(name),
        layer.group_send(name, MESSAGE),
        layer.group_add(name, "test-ch-1"),
        layer.group_add("room", name),
    ):
        with pytest.raises(TypeError):
            await call


async def test_messages_expire(make: Callable[..., Any]) -> None:
    layer = make(expiry=-1)
    await layer.send("test-ch-1", MESSAGE)
    assert await is_silent(layer, "test-ch-1")


# Ours alone.


@pytest.fixture
async def ours() -> AsyncIterator[CarillonChannelLayer]:
    yield CarillonChannelLayer(capacity=3, channel_capacity={"wide*": 5})


async def test_what_is_dropped_is_counted_by_reason(ours: CarillonChannelLayer) -> None:
    before = mailboxes.dropped.copy()
    for _ in range(5):
        await ours.send("wide-1", MESSAGE)
    await ours.group_add("room", "wide-1")
    await ours.group_send("room", MESSAGE)
    assert mailboxes.dropped - before == {"full": 1}


def test_a_channel_whose_messages_expire_leaves_its_groups() -> None:
    clock, before = Clock(), mailboxes.dropped.copy()
    boxes = Mailboxes(60, 86_400, clock)
    boxes.join("room", "dead")
    boxes.join("room", "alive")
    boxes.put("dead", b"1", 10)
    clock.advance(61)
    boxes.put("dead", b"2", 10)
    assert boxes.members("room") == ["alive"] and mailboxes.dropped - before == {"expired": 1}
    clock.advance(86_400)
    assert boxes.members("room") == [] and boxes.groups() == []


def test_an_expired_message_makes_room() -> None:
    clock = Clock()
    boxes = Mailboxes(60, 86_400, clock)
    boxes.put("one", b"1", 1)
    with pytest.raises(Full):
        boxes.put("one", b"2", 1)
    clock.advance(60)
    boxes.put("one", b"3", 1)


async def test_what_no_other_process_could_read_is_refused_here_already(ours: CarillonChannelLayer) -> None:
    for message in ({"type": "a", "value": object()}, ["not", "a dict"]):
        with pytest.raises(TypeError):
            await ours.send("test-ch-1", message)  # type: ignore[arg-type]


@covers("000-24")
async def test_it_sends_from_threads_to_a_loop_that_waits(ours: CarillonChannelLayer) -> None:
    channel = await ours.new_channel()
    await ours.group_add("room", channel)
    reader = asyncio.create_task(ours.receive(channel))
    await asyncio.sleep(0)

    def work(number: int) -> None:
        async_to_sync(ours.group_send)("room", {"type": "n", "n": number})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    found = [await soon(reader), *[await soon(ours.receive(channel)) for _ in range(2)]]
    assert {each["n"] for each in found} == {0, 1, 2}


@pytest.fixture
async def two_processes() -> AsyncIterator[tuple[CarillonChannelLayer, CarillonChannelLayer]]:
    """Two layers that share nothing but the broker, as those of two processes do; one is older than the runtime."""
    with override_settings(CARILLON={"RUNNER": "none"}):
        await runtime.reset()
        older = CarillonChannelLayer(capacity=3)
        early = await older.new_channel()
        await older.group_add("early", early)
        await runtime.current().start()
        yield older, CarillonChannelLayer(capacity=3)
        await runtime.reset()


async def test_groups_and_channels_reach_other_processes_once(
    two_processes: tuple[CarillonChannelLayer, CarillonChannelLayer],
) -> None:
    here, there = two_processes
    mine, theirs = await here.new_channel(), await there.new_channel()
    await here.group_add("room", mine)
    await there.group_add("room", theirs)
    await here.group_send("room", {**MESSAGE, "bytes": b"\xff"})
    assert await soon(here.receive(mine)) == await soon(there.receive(theirs)) == {**MESSAGE, "bytes": b"\xff"}
    assert await is_silent(here, mine) and await is_silent(there, theirs)
    await there.group_discard("room", theirs)
    await here.group_send("room", MESSAGE)
    assert await soon(here.receive(mine)) == MESSAGE
    assert await is_silent(there, theirs)


async def test_who_joined_before_the_start_hears_after_it(
    two_processes: tuple[CarillonChannelLayer, CarillonChannelLayer],
) -> None:
    here, there = two_processes
    (early,) = here._mailboxes.members("early")
    await there.group_send("early", MESSAGE)
    assert await soon(here.receive(early)) == MESSAGE


async def test_a_reply_channel_is_reached_from_another_process(
    two_processes: tuple[CarillonChannelLayer, CarillonChannelLayer],
) -> None:
    here, _ = two_processes
    young = CarillonChannelLayer()
    reply_to = await here.new_channel()
    await young.send(reply_to, MESSAGE)
    assert await soon(here.receive(reply_to)) == MESSAGE
    assert await is_silent(young, reply_to)
