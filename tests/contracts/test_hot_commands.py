"""Hot commands of sockets: written together with those of others, answered each in its connection's order."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Any

import msgspec
import pytest

from carillon.realtime import command, log
from carillon.realtime.command import Caller, hot_command
from carillon.testing import Refused, connect
from tests.contracts.facts import in_threads
from tests.contracts.notes import TALK, Note, write_notes
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class Text(msgspec.Struct, frozen=True):
    """The parameters of the command of these tests."""

    n: int
    fault: str = ""


class Written(msgspec.Struct, frozen=True):
    """Its reply."""

    offset: int


@pytest.fixture
def _commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_commands", dict(command._commands))

    @hot_command(
        "test.write",
        write_notes,
        lambda done: Written(done.position.offset),
        params=Text,
        reply=Written,
    )
    def _write(caller: Caller, params: Text) -> Note:
        return Note(params.n, fault=params.fault)

    @command.command("test.count", reply=Written)
    def _count(caller: Caller, params: Any) -> Written:
        return Written(log.head(TALK).offset)


@pytest.mark.usefixtures("_commands")
async def test_sockets_are_answered_each_in_its_own_order() -> None:
    people = [await asyncio.to_thread(in_threads, make_user) for _ in range(5)]

    async def talk(number: int, person: Any) -> list[int]:
        async with connect(person) as socket:
            found = []
            for n in range(4):
                found.append((await socket.command("test.write", {"n": 10 * number + n}))["offset"])
                # A later command of the same connection sees what the earlier one did.
                assert (await socket.command("test.count"))["offset"] >= found[-1]
            with pytest.raises(Refused, match="not 99") as refused:
                await socket.command("test.write", {"n": 99, "fault": "refused"})
            assert refused.value.code == "not_found"
            return found

    told = await asyncio.gather(*[talk(number, person[0]) for number, person in enumerate(people)])
    assert sorted(chain(*told)) == list(range(1, 21))
    assert all(offsets == sorted(offsets) for offsets in told)


@pytest.mark.usefixtures("_commands")
async def test_a_client_id_counts_for_hot_commands() -> None:
    [alice] = await asyncio.to_thread(in_threads, make_user)
    async with connect(alice) as socket:
        for _ in range(2):
            assert await socket.command("test.write", {"n": 1}, client_id="k") == {"offset": 1}
        with pytest.raises(Refused) as refused:
            await socket.command("test.write", {"n": 2}, client_id="k")
        assert refused.value.code == "idempotency_mismatch"
