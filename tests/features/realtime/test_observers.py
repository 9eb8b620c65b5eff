"""Observers hear of connections that signed in, once when they come and once when they go, while the runtime runs."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from carillon.realtime import observers
from carillon.realtime.connection import Connection
from carillon.realtime.runtime import Runtime
from carillon.testing import connect
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


class Ledger:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def entered(self, connection: Connection) -> None:
        self.lines.append(f"{connection.person} entered")

    def left(self, connection: Connection) -> None:
        self.lines.append(f"{connection.person} left")

    async def run(self, runtime: Runtime) -> None:
        self.lines.append("started")
        try:
            await asyncio.Event().wait()
        finally:
            self.lines.append("stopped")


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    made = Ledger()
    monkeypatch.setattr(observers, "_observers", [made])
    return made


async def test_it_hears_of_who_comes_and_goes(ledger: Ledger) -> None:
    alice = await sync_to_async(make_user)()
    observers.observe(ledger)
    async with connect(alice):
        async with connect(alice):
            assert ledger.lines[1:] == [f"{alice.pk} entered"] * 2
        assert ledger.lines[3:] == [f"{alice.pk} left"]
    assert sorted(ledger.lines) == sorted(["started", *[f"{alice.pk} entered", f"{alice.pk} left"] * 2, "stopped"])
    assert ledger.lines[-1] == "stopped", "it works until the last has left"


async def test_it_does_not_hear_of_who_never_signed_in(ledger: Ledger) -> None:
    async with connect():
        pass
    assert ledger.lines == ["started", "stopped"]
