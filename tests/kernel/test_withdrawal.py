"""Withdrawal of access: in the log like everything else, so it holds with or without a broker (GUARANTEES G11)."""

from __future__ import annotations

from carillon.realtime.connection import Connection
from carillon.realtime.event import Position
from carillon.realtime.topic import Access, user_topic
from tests.kernel.fakes import connection, offsets
from tests.kernel.node import TALK, Node, frames


def codes(made: Connection) -> list[str]:
    return [frame["code"] for frame in frames(made) if frame["type"] == "error"]


def test_who_is_named_hears_of_it_and_of_nothing_after(node: Node) -> None:
    alice, bruno = node.join("alice"), node.join("bruno")
    node.hint(*node.append(), node.log.append(TALK, revokes=["alice"]), *node.append())
    assert (offsets(alice, TALK), offsets(bruno, TALK)) == ([1, 2], [1, 2, 3])
    assert (codes(alice), codes(bruno)) == (["forbidden"], [])
    assert frames(alice)[-1]["topic"] == "conversation:1"
    assert alice.outbound.closed is None  # type: ignore[attr-defined]


def test_without_a_topic_of_its_address_a_connection_is_closed(node: Node) -> None:
    alice = node.join("alice")
    alice.home = (TALK,)
    node.hint(*node.append(), node.log.append(TALK, revokes=["alice"]), *node.append())
    assert (offsets(alice, TALK), codes(alice)) == ([1, 2], ["forbidden"])
    assert frames(alice)[-1]["fatal"] is True
    assert alice.outbound.closed == (4001, "forbidden")  # type: ignore[attr-defined]


def test_it_holds_when_the_hint_is_lost(node: Node) -> None:
    alice = node.join()
    node.log.append(TALK, revokes=["alice"])
    later = node.append()
    node.hint(*later)
    node.loop.advance(1)
    assert (offsets(alice, TALK), codes(alice)) == ([1], ["forbidden"])


def test_it_holds_in_a_replay(node: Node) -> None:
    alice = connection()
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.append(3)
    node.loop.begin(node.follow(alice, position=Position("e.0", 0)))
    node.hint(node.log.append(TALK, revokes=["alice"]), *node.append(2))
    node.loop.call(alice.outbound.resume)  # type: ignore[attr-defined]
    assert (offsets(alice, TALK), codes(alice)) == ([1, 2, 3, 4], ["forbidden"])


def test_it_holds_while_access_is_being_checked(node: Node) -> None:
    alice = connection()

    async def slow_access() -> Access | None:
        # The answer was yes; the withdrawal is committed before it arrives.
        node.broker.publish([node.log.append(TALK, revokes=["alice"])])
        node.broker.publish(node.append())
        return Access()

    async def follow() -> None:
        subscription = await node.hub.attach(alice, TALK, None, slow_access)
        assert subscription is not None
        await node.hub.replay(subscription)

    node.loop.do(follow())
    assert (offsets(alice, TALK), codes(alice)) == ([1], ["forbidden"])


def test_history_cuts_nobody_who_was_let_in_again(node: Node) -> None:
    node.append(2)
    node.log.append(TALK, revokes=["alice"])
    node.append(2)
    alice = node.join(position=Position("e.0", 0))
    assert (offsets(alice, TALK), codes(alice)) == ([1, 2, 3, 4, 5], [])


def test_history_that_the_feed_has_yet_to_see_cuts_nobody_either(node: Node) -> None:
    node.join("bruno")
    node.log.append(TALK, revokes=["alice"])
    node.append()
    alice = node.join()
    node.sweep()
    node.hint(*node.append())
    assert codes(alice) == []
    assert offsets(alice, TALK)[-1] == 3


def test_a_session_that_ended_never_comes_back(node: Node) -> None:
    node.join("bruno")
    node.log.append(TALK, revokes=["session:s1"])
    alice = connection("alice", "session:s1")
    node.loop.do(node.follow(alice))
    node.sweep()
    assert codes(alice) == ["forbidden"]


def test_one_session_of_a_person_ends_alone(node: Node) -> None:
    own = user_topic("alice")
    here, there = connection("alice", "session:s1"), connection("alice", "session:s2")
    for made in (here, there):
        node.loop.do(node.follow(made, own))
    node.hint(node.log.append(own, revokes=["session:s1"]), node.log.append(own))
    assert here.outbound.closed == (4000, "session_revoked")  # type: ignore[attr-defined]
    assert frames(here)[-1] == {"type": "error", "code": "session_revoked", "topic": None, "fatal": True}
    assert there.outbound.closed is None  # type: ignore[attr-defined]
    assert offsets(there, own) == [1, 2]


def test_without_ones_own_topic_there_is_no_connection(node: Node) -> None:
    own = user_topic("alice")
    alice = connection("alice")
    node.loop.do(node.follow(alice, own))
    node.loop.do(node.follow(alice))
    node.hint(node.log.append(own, revokes=["alice"]))
    node.hint(*node.append())
    assert alice.outbound.closed == (4000, "session_revoked")  # type: ignore[attr-defined]
    assert offsets(alice, TALK) == []
