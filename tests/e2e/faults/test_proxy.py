"""The proxy does to a connection what it is told to, and nothing to the others."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from tests.e2e.faults.proxy import Manner, Proxy, mixed

SENT = bytes(range(256)) * 4


@pytest.fixture
async def lines() -> AsyncIterator[Callable[[Manner], asyncio.Future[Proxy]]]:
    """Makes proxies before a server that sends back what it gets."""
    async with AsyncExitStack() as ends:

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while data := await reader.read(65_536):
                    writer.write(data)
            except OSError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        ends.callback(server.close)

        async def make(manner: Manner) -> Proxy:
            proxy = await Proxy(server.sockets[0].getsockname()[1], lambda: manner).start()
            ends.push_async_callback(proxy.stop)
            return proxy

        yield lambda manner: asyncio.ensure_future(make(manner))


async def _sent_and_got(proxy: Proxy, seconds: float = 10) -> tuple[bytes, str]:
    """What comes back of SENT, and how the connection ends when nothing more is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    got = b""
    try:
        writer.write(SENT)
        async with asyncio.timeout(seconds):
            while len(got) < len(SENT):
                data = await reader.read(65_536)
                if not data:
                    return got, "end"
                got += data
        return got, "open"
    except ConnectionResetError:
        return got, "reset"
    except TimeoutError:
        return got, "silence"
    finally:
        writer.close()


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


MANNERS = [Manner(), Manner(segment=1), Manner(latency=0.05, jitter=0.05), Manner(bandwidth=5_000), Manner(segment=7)]


@pytest.mark.parametrize("manner", MANNERS, ids=str)
async def test_everything_arrives_over_a_slow_line(
    manner: Manner, lines: Callable[[Manner], asyncio.Future[Proxy]]
) -> None:
    began = time.monotonic()
    assert await _sent_and_got(await lines(manner)) == (SENT, "open")
    if manner.bandwidth:
        # A kibibyte there and back, at 5 kB a second each way; the two overlap.
        assert time.monotonic() - began >= 0.19


@pytest.mark.parametrize(("ending", "seen"), [("cut", "end"), ("reset", "reset"), ("silence", "silence")])
@pytest.mark.parametrize("after", [1, 17, 1023])
async def test_a_line_ends_after_so_many_bytes(
    ending: str, seen: str, after: int, lines: Callable[[Manner], asyncio.Future[Proxy]]
) -> None:
    proxy = await lines(Manner(ending=ending, after=after))  # type: ignore[arg-type]
    got, end = await _sent_and_got(proxy, seconds=1 if ending == "silence" else 10)
    # A reset may overtake what was sent before it.
    assert end == seen
    assert SENT[:after].startswith(got)
    assert ending == "reset" or len(got) == after
    assert proxy.done[ending] == 1


async def test_all_lines_can_be_dropped_at_once_and_be_kept_away(
    lines: Callable[[Manner], asyncio.Future[Proxy]],
) -> None:
    proxy = await lines(Manner())
    opened = [await asyncio.open_connection("127.0.0.1", proxy.port) for _ in range(5)]
    for reader, writer in opened:
        writer.write(b"x")
        assert await reader.read(1) == b"x"
    proxy.is_open = False
    assert proxy.drop_all("cut") == 5
    for reader, writer in opened:
        assert await reader.read() == b""
        writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    assert await _all_of(reader) == b""
    writer.close()
    proxy.is_open = True
    assert await _sent_and_got(proxy) == (SENT, "open")


def test_by_chance_every_manner_comes() -> None:
    manner = mixed(random.Random(1), 0.9, life=1000)
    made = [manner() for _ in range(300)]
    assert {one.ending for one in made} == {"", "cut", "reset", "silence"}
    assert {one.segment for one in made} == {0, 1, 7}
    assert any(one == Manner() for one in made)
    assert all(one.after < 1000 for one in made)
    again = mixed(random.Random(1), 0.9, life=1000)
    assert [again() for _ in range(300)] == made
