"""Source 000's own Python, wherever it runs: the bell rings, and rings once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator

import pytest

from tests.dialects.bell.bell import SAMPLE, Someone, heard
from tests.dialects.serving import serving
from tests.support import postgres
from tests.support.covers import covers
from tests.support.server import Server

pytestmark = pytest.mark.serial

_IN_A_SHELL = """
from types import SimpleNamespace
from django.contrib.auth import get_user_model
target_user = get_user_model().objects.get(pk={user!r})
message, chat_room = SimpleNamespace(id=789), SimpleNamespace(id=456)
"""
_SAY = """
from channels.layers import get_channel_layer
from asgiref.sync import async_to_sync
told = {told!r}
async_to_sync(get_channel_layer().group_send)('notifications_' + str(target_user.id), told)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = "" if request.param == "sqlite" else postgres.create_database(postgres.shared_url(), "bell_sample")
    with serving("uvicorn", tmp_path_factory.mktemp("host"), database_url=url) as server:
        yield server


async def _rings_once(person: Someone, where: str) -> None:
    async with person.open() as socket:
        if where == "shell":
            await asyncio.to_thread(
                person.server.carillon, "shell", "-v0", "-c", _IN_A_SHELL.format(user=person.id) + SAMPLE
            )
        else:
            await asyncio.to_thread(person.run, where=where)
        frame = await heard(socket)
        (row,) = await asyncio.to_thread(person.rows)
        assert frame["notification"] == {key: row[key] for key in frame["notification"]}
        assert (frame["type"], frame["unread_count"]) == ("notification", 1)
        # Whatever else was on its way would come before the answer to this.
        await socket.send(f'{{"type": "mark_read", "notification_id": "{row["id"]}"}}')
        assert await heard(socket) == {"type": "unread_count", "unread_count": 0}
    assert person.rung() == 1


@covers("000-01", "000-18", "000-19", "000-22", "000-36")
@pytest.mark.parametrize(
    "where", ["view", "transaction", "async", "async transaction", "thread", "thread transaction", "awaited", "shell"]
)
async def test_it_rings_once_wherever_the_sample_runs(host: Server, where: str) -> None:
    await _rings_once(await asyncio.to_thread(Someone, host), where)


@covers("000-24")
async def test_with_the_layer_unset_it_rings_once_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving("uvicorn", tmp_path_factory.mktemp("unset"), "tests.dialects.bell.no_layer_settings") as server:
        await _rings_once(Someone(server), "view")


async def test_in_the_same_process_it_rings_at_once_and_not_with_the_sweep(host: Server) -> None:
    person = await asyncio.to_thread(Someone, host)
    async with person.open() as socket:
        waited = []
        for _ in range(5):
            await asyncio.to_thread(person.run)
            started = time.perf_counter()
            assert (await heard(socket))["type"] == "notification"
            waited.append(time.perf_counter() - started)
        # The sweep comes every two seconds at the soonest.
        assert statistics.median(waited) < 0.5


@pytest.mark.parametrize("where", ["rollback", "async rollback", "thread rollback"])
async def test_what_is_rolled_back_never_rings(host: Server, where: str) -> None:
    person = await asyncio.to_thread(Someone, host)
    async with person.open() as socket:
        await asyncio.to_thread(person.run, where=where)
        await asyncio.to_thread(person.run)
        frame = await heard(socket)
        assert frame["unread_count"] == 1
    assert [row["id"] for row in person.rows()] == [frame["notification"]["id"]]
    assert person.rung() == 1


async def test_a_message_that_names_nothing_stored_is_said_as_it_is_to_that_persons_bells_alone(host: Server) -> None:
    person, other = [await asyncio.to_thread(Someone, host) for _ in range(2)]
    told = {"id": "abc", "type": "info", "title": "Passing", "message": "", "is_read": False, "created_at": "now"}
    message = {"type": "send_notification", "notification": told, "unread_count": 42}
    async with person.open() as socket, other.open() as silent:
        await asyncio.to_thread(person.run, _SAY.format(told=message))
        assert await heard(socket) == {"type": "notification", "notification": told, "unread_count": 42}
        await asyncio.to_thread(other.run)
        assert (await heard(silent))["notification"]["title"] == "Nouveau message"
    assert person.rung() == 0


async def test_anothers_notification_is_not_announced_through_ones_group(host: Server) -> None:
    person, other = [await asyncio.to_thread(Someone, host) for _ in range(2)]
    await asyncio.to_thread(other.run)
    (row,) = other.rows()
    message = {"type": "send.notification", "notification": {"id": row["id"], "title": "?"}}
    async with person.open() as socket, other.open() as silent:
        await asyncio.to_thread(person.run, _SAY.format(told=message))
        assert await heard(socket) == {"type": "notification", "notification": message["notification"]}
        await silent.send('{"type": "mark_all_read"}')
        assert (await heard(silent))["type"] == "unread_count"
    assert other.rung() == 1


async def test_said_again_it_does_not_ring_again(host: Server) -> None:
    person = await asyncio.to_thread(Someone, host)
    async with person.open() as socket:
        await asyncio.to_thread(person.run)
        id = (await heard(socket))["notification"]["id"]
        message = {"type": "send_notification", "notification": {"id": id}, "unread_count": 1}
        await asyncio.to_thread(person.run, _SAY.format(told=message))
        await socket.send(f'{{"type": "mark_read", "notification_id": "{id}"}}')
        assert await heard(socket) == {"type": "unread_count", "unread_count": 0}
    assert person.rung() == 1
