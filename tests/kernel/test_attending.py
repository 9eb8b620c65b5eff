"""What goes with following topics, what an address adds to commands, and who a client says it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from carillon.errors import NotFound
from carillon.realtime import command as commands
from carillon.realtime import topic as topics
from carillon.realtime.admission import Arrival
from carillon.realtime.command import Caller, Command, Nothing
from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Opening
from carillon.realtime.exchange import Exchange
from carillon.realtime.following import arrive
from carillon.realtime.identity import Handshake, Identity
from carillon.realtime.limits import Bucket
from carillon.realtime.topic import Access, Topic
from tests.kernel.fakes import FakeDialect, connection
from tests.kernel.node import Node, frames


class Seats(msgspec.Struct, frozen=True):
    """Which tables somebody sits at, and what they see there."""

    tables: list[str] = []
    view: str = ""


SEEN: list[tuple[Seats, str | None]] = []


def _may_follow(_: Identity, key: str) -> Access | None:
    return None if key == "hidden" else Access()


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics and a command of this test's own."""
    SEEN.clear()
    monkeypatch.setattr(topics, "_kinds", {**topics._kinds, "table": _may_follow})
    monkeypatch.setattr(commands, "_commands", dict(commands._commands))

    @commands.command("table.sit", params=Seats, is_write=False)
    def sit(caller: Caller, params: Seats) -> Nothing:
        if "closed" in params.tables:
            raise NotFound("not_found", "There is no such table.")
        SEEN.append((params, caller.client_id))
        return Nothing()


class Attentive(FakeDialect):
    """Sits down wherever it follows; one of its commands does not exist here."""

    def attends(self, topics: Sequence[Topic]) -> Sequence[Command]:
        return (
            Command(name="table.leave"),
            Command(name="table.sit", data={"tables": [topic.key for topic in topics]}),
        )


class Guest:
    """One connection with its exchange, over a hub without a server."""

    def __init__(self, node: Node, dialect: FakeDialect, opening: Opening | None = None) -> None:
        async def call(function: Any, *args: Any) -> Any:
            return function(*args)

        async def follow(who: Identity, topic: Topic) -> Arrival:
            return Arrival(node.log.head(topic), topics.may_follow(who, topic))

        self.node, self.connection = node, connection(dialect=dialect)
        self.runtime: Any = SimpleNamespace(
            hub=node.hub,
            call=call,
            admission=SimpleNamespace(follow=follow),
            bucket_of=lambda _, now: Bucket(1000, 1000, now),
            in_work=set[Connection](),
            is_draining=False,
        )
        self.opening = opening or Opening()
        node.loop.do(self._enter())

    async def _enter(self) -> None:
        handshake = Handshake(path="/", headers={}, client="")
        self.exchange = Exchange(self.runtime, self.connection, handshake, self.opening)

    def say(self, name: str, **frame: Any) -> None:
        self.node.loop.do(self.exchange.take(json.dumps({"name": name, **frame})))

    @property
    def codes(self) -> list[str]:
        return [frame["code"] for frame in frames(self.connection) if frame["type"] == "error"]


def test_what_goes_with_following_is_carried_out_after_each_change_and_its_refusal_is_nobodys(node: Node) -> None:
    guest = Guest(node, Attentive())
    guest.say("subscribe", data={"topic": "table:one"})
    guest.say("subscribe", data={"topic": "table:two"})
    guest.say("unsubscribe", data={"topic": "table:one"})
    assert [seats.tables for seats, _ in SEEN] == [["one"], ["one", "two"], ["two"]]
    guest.say("subscribe", data={"topic": "table:closed"})
    assert (len(SEEN), guest.codes) == (3, [])


def test_other_dialects_are_not_asked(node: Node) -> None:
    guest = Guest(node, FakeDialect())
    guest.say("subscribe", data={"topic": "table:one"})
    assert (SEEN, guest.codes) == ([], [])


def test_what_the_address_says_is_part_of_every_command_and_wins(node: Node) -> None:
    guest = Guest(node, FakeDialect(), Opening(data={"view": "sea"}))
    guest.say("table.sit", data={"tables": ["one"]}, client_id="key")
    guest.say("table.sit", data={"view": "wall"})
    assert [(seats.view, key) for seats, key in SEEN] == [("sea", "key"), ("sea", None)]


def test_the_topics_of_the_address_are_followed_or_nothing_is(node: Node) -> None:
    guest = Guest(node, FakeDialect())
    topic = Topic("table", "one")
    node.loop.do(arrive(guest.runtime, guest.connection, [topic]))
    assert guest.connection.home == tuple(guest.connection.subscriptions) == (topic,)
    with pytest.raises(NotFound):
        node.loop.do(arrive(guest.runtime, guest.connection, [Topic("table", "hidden")]))


def test_who_a_client_says_it_is_has_to_be_true_and_is_no_credential(node: Node) -> None:
    guest = Guest(node, FakeDialect())
    guest.say("table.sit", person="alice")
    guest.say("table.sit", person="bruno")
    guest.say("authenticate", person="alice")
    guest.say("authenticate", person="bruno")
    assert (len(SEEN), guest.codes) == (1, ["identity_mismatch", "identity_mismatch"])
    guest.connection.identity = None
    guest.say("authenticate", person="alice")
    assert guest.codes[-1] == "unauthenticated"
    assert guest.connection.outbound.closed == (4000, "unauthenticated")  # type: ignore[attr-defined]
