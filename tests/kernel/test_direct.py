"""The beginning of a socket of ours: accepted first, signed in after that, and ended when the client leaves meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from carillon.realtime import session as sessions
from carillon.realtime.direct import DirectLine, DirectOutbound
from carillon.realtime.endpoint import _answer_first


class Socket:
    """Takes everything, and remembers its user."""

    def __init__(self) -> None:
        self.user: DirectLine | None = None
        self.fast = [].append

    def adopt(self, user: DirectLine) -> None:
        self.user = user

    def next_message(self) -> None:
        return None

    def close(self, code: int, reason: str = "") -> None:
        """Nobody is there any more."""


class Session:
    """One whose sign-in waits until it is told to go on."""

    def __init__(self) -> None:
        outbound = DirectOutbound(bound=1000, patience=1.0, on_slow=lambda: None)
        self.connection = SimpleNamespace(outbound=outbound, on_close=None, is_closed=False)
        self.may_begin = asyncio.Event()
        self.is_over, self.told = False, list[str]()

    async def begin(self, _: object) -> None:
        self.told.append("begin")
        await self.may_begin.wait()

    def listen(self) -> None:
        self.told.append("listen")

    def end(self) -> None:
        self.is_over = self.connection.is_closed = True


async def until_adopted(socket: Socket) -> DirectLine:
    async with asyncio.timeout(10):
        while socket.user is None:
            await asyncio.sleep(0)
    return socket.user


async def test_a_socket_is_accepted_and_then_signed_in_by_one_task() -> None:
    session, socket = Session(), Socket()

    async def accept() -> None:
        session.told.append("accept")

    serving = asyncio.create_task(_answer_first(cast(Any, session), cast(Any, socket), accept, None))
    await until_adopted(socket)
    session.may_begin.set()
    await serving
    assert session.told == ["accept", "begin", "listen"] and not session.is_over


async def test_who_leaves_while_they_are_signed_in_is_forgotten_without_a_fault() -> None:
    session, socket = Session(), Socket()

    async def accept() -> None:
        """At once."""

    serving = asyncio.create_task(_answer_first(cast(Any, session), cast(Any, socket), accept, None))
    line = await until_adopted(socket)
    await asyncio.sleep(0)
    line.on_end()
    await serving
    assert session.is_over


async def test_a_server_that_stops_ends_a_sign_in() -> None:
    session, socket = Session(), Socket()

    async def accept() -> None:
        """At once."""

    serving = asyncio.create_task(_answer_first(cast(Any, session), cast(Any, socket), accept, None))
    await until_adopted(socket)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert session.is_over


async def test_an_upgrade_that_cannot_be_answered_leaves_no_session() -> None:
    session = Session()

    async def accept() -> None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        await _answer_first(cast(Any, session), cast(Any, Socket()), accept, None)
    assert session.is_over and session.told == []


def test_ids_are_drawn_from_the_system_and_never_twice() -> None:
    drawn = {sessions._new_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert {len(each) for each in drawn} == {12}
