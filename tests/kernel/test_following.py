"""Following a topic: its head and whether one may are asked in one call, and asked again where that is over."""

from __future__ import annotations

import pytest

from carillon.errors import Unauthenticated
from carillon.realtime.admission import Arrival
from carillon.realtime.event import Head
from carillon.realtime.feed import NOTHING
from carillon.realtime.following import Asking
from carillon.realtime.topic import Access
from tests.kernel.fakes import connection
from tests.kernel.node import TALK, Node

GONE = Unauthenticated("session_revoked", "You have been signed out.")


class Answers:
    """Answers these, one after the other."""

    def __init__(self, *answers: Arrival) -> None:
        self.answers = list(answers)

    async def ask(self) -> Arrival:
        return self.answers.pop(0)


async def test_the_head_brings_the_leave_that_is_asked_for_after_it() -> None:
    answers = Answers(Arrival(Head("e", 7), Access()))
    own = Asking(answers.ask)
    assert (await own.head()).offset == 7
    await own.access()
    assert not answers.answers


async def test_a_leave_is_good_once() -> None:
    answers = Answers(Arrival(Head("e", 7), Access()), Arrival(Head("e", 9), refusal=GONE))
    own = Asking(answers.ask)
    await own.head()
    await own.access()
    with pytest.raises(Unauthenticated):
        await own.access()


async def test_who_was_signed_out_since_is_refused_with_the_head() -> None:
    own = Asking(Answers(Arrival(Head("e", 7), refusal=GONE)).ask)
    await own.head()
    with pytest.raises(Unauthenticated):
        await own.access()


def test_who_only_listens_keeps_no_queue(node: Node) -> None:
    alice = connection()
    node.loop.do(node.follow(alice))
    (subscription,) = alice.subscriptions.values()
    # An empty deque takes as much memory as the rest of an idle connection.
    assert subscription.is_live
    assert subscription.buffer is subscription.replay is NOTHING
    assert subscription.topic is node.hub.feeds[TALK].topic
    assert node.hub.feeds[TALK].waiting is None
