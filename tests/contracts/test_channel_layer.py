"""The channel-layer specification of Channels, on our layer and on Channels' own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

from carillon.realtime.channel_layer import CarillonChannelLayer

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


async def test_a_channel_of_the_process_is_one_like_any_other(layer: Any) -> None:
    mine = await layer.new_channel()
    for number in range(3):
        await layer.send(mine, {"type": "n", "n": number})
    with pytest.raises(ChannelFull):
        await layer.send(mine, MESSAGE)
    assert [(await soon(layer.receive(mine)))["n"] for _ in range(3)] == [0, 1, 2]


async def _write(layer: Any, count: int) -> None:
    for number in range(count):
        while True:
            await asyncio.sleep(0)
            with contextlib.suppress(ChannelFull):
                await layer.send("busy", {"type": "n", "n": number})
                break


async def _read_impatiently(layer: Any, turns: int, found: list[int], count: int) -> None:
    while len(found) < count:
        reader = asyncio.create_task(layer.receive("busy"))
        for _ in range(turns):
            await asyncio.sleep(0)
        reader.cancel()
        (taken,) = await asyncio.gather(reader, return_exceptions=True)
        if not isinstance(taken, BaseException):
            found.append(taken["n"])


@pytest.mark.parametrize("readers", [1, 3])
async def test_readers_that_come_and_go_lose_and_double_nothing(layer: Any, readers: int) -> None:
    found: list[int] = []
    work = [_read_impatiently(layer, turns + 1, found, 300) for turns in range(readers)]
    await soon(asyncio.gather(_write(layer, 300), *work))
    # Of several readers, none knows when the others were done with theirs.
    assert (found if readers == 1 else sorted(found)) == list(range(300))


async def test_members_that_joined_too_long_ago_are_members_no_more(make: Callable[..., Any]) -> None:
    layer = make(group_expiry=-2)
    await layer.group_add("room", "test-ch-1")
    await layer.group_send("room", MESSAGE)
    assert await is_silent(layer, "test-ch-1")


async def test_flush_forgets_messages_and_groups(layer: Any) -> None:
    assert {"groups", "flush"} <= set(layer.extensions)
    await layer.send("test-ch-1", MESSAGE)
    await layer.group_add("room", "test-ch-2")
    await layer.flush()
    await layer.group_send("room", MESSAGE)
    assert await is_silent(layer, "test-ch-1") and await is_silent(layer, "test-ch-2")


@pytest.mark.parametrize("name", ["a b", "", "é", "=+135!", "a!b c", "x" * 100, None, 7])
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
