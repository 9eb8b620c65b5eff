"""What our channel layer adds to Channels' specification: bounds that are counted, threads, loops and other processes."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.exceptions import ChannelFull
from django.test import override_settings

from carillon.realtime import mailboxes, runtime
from carillon.realtime.channel_layer import CarillonChannelLayer
from carillon.realtime.mailboxes import Full, Mailboxes
from carillon.server.metrics import scrape
from tests.contracts.test_channel_layer import MESSAGE, is_silent, soon
from tests.support.clock import Clock
from tests.support.covers import covers


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


async def test_of_several_messages_those_in_time_come_out() -> None:
    clock, before = Clock(), mailboxes.dropped.copy()
    boxes = Mailboxes(60, 86_400, clock)
    for message in (b"1", b"2", b"3"):
        boxes.put("one", message, 10)
    assert await soon(boxes.get("one")) == b"1"
    clock.advance(60)
    boxes.put("one", b"4", 10)
    assert await soon(boxes.get("one")) == b"4"
    assert mailboxes.dropped - before == {"expired": 2}


async def test_what_a_dead_consumer_left_is_cleared_away_though_nobody_asks_for_it() -> None:
    clock, before = Clock(), mailboxes.dropped.copy()
    boxes = Mailboxes(60, 86_400, clock)
    boxes.join("room", "dead")
    for _ in range(3):
        boxes.put("dead", b"x", 10)
    clock.advance(60)
    boxes.put("alive", b"1", 10)
    assert mailboxes.dropped - before == {"expired": 3} and boxes.groups() == []
    boxes.join("room", "old")
    clock.advance(86_401)
    boxes.put("alive", b"2", 10)
    assert boxes.groups() == []
    assert await soon(boxes.get("alive")) == b"2"


def test_a_capacity_is_set_for_one_channel_or_for_a_pattern() -> None:
    layer = CarillonChannelLayer(capacity=3, channel_capacity={"one": 1, re.compile("w.*-x"): 5})
    assert [layer.get_capacity(name) for name in ("one", "one-more", "wide-x", "wide-y")] == [1, 3, 5, 3]


@pytest.mark.django_db(transaction=True)
async def test_what_was_dropped_is_on_the_page_of_metrics(ours: CarillonChannelLayer) -> None:
    def told() -> float:
        (line,) = re.findall(r'^carillon_channel_layer_dropped_total{reason="full"} (\S+)$', scrape().decode(), re.M)
        return float(line)

    before = await sync_to_async(told)()
    for _ in range(3):
        await ours.send("narrow", MESSAGE)
    with pytest.raises(ChannelFull):
        await ours.send("narrow", MESSAGE)
    assert await sync_to_async(told)() == before + 1


async def test_two_loops_read_two_channels(ours: CarillonChannelLayer) -> None:
    here, there = await ours.new_channel(), await ours.new_channel()
    reader = asyncio.create_task(asyncio.to_thread(asyncio.run, soon(ours.receive(there))))
    waiting = asyncio.create_task(ours.receive(here))
    await asyncio.sleep(0)
    for name in (there, here):
        await ours.send(name, {"type": "for", "name": name})
    assert ((await soon(reader))["name"], (await soon(waiting))["name"]) == (there, here)


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
