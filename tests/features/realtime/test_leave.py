"""Leave to follow topics is asked for all who ask together: heads in one statement, then each rule; a fault is its own asker's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from carillon.errors import TooMany
from carillon.realtime.admission import Admission
from carillon.realtime.identity import Identity
from carillon.realtime.topic import Access, Topic, register_topic
from tests.kernel.fakes import identity

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

CLUB, BROKEN = "leave_club", "leave_broken"


def _may_enter(who: Identity, key: str) -> Access | None:
    return Access(3) if key in ("open", who.person) else None


def _fail(who: Identity, key: str) -> Access | None:
    raise TooMany("rate_limited", "Not now.")


register_topic(CLUB, _may_enter)
register_topic(BROKEN, _fail)


async def test_who_asks_together_is_answered_in_one_call_each_by_itself() -> None:
    calls = []

    async def call(function: Callable[..., Any], *given: Any) -> Any:
        calls.append(function)
        return await asyncio.to_thread(function, *given)

    admission = Admission(call, at_once=1, most_waiting=0)
    asked = [("alice", Topic(CLUB, "open")), ("bob", Topic(CLUB, "alice")), ("alice", Topic(CLUB, "alice"))]
    asked += [("bob", Topic(BROKEN, "1")), ("bob", Topic("unheard", "of")), ("bob", Topic(CLUB, "open"))]
    found = await asyncio.gather(*(admission.follow(identity(who), topic) for who, topic in asked))
    assert [each.access for each in found] == [Access(3), None, Access(3), None, None, Access(3)]
    assert [isinstance(each.refusal, TooMany) for each in found] == [topic.kind == BROKEN for _, topic in asked]
    assert all(each.head.offset == 0 for each in found) and len(calls) == 1
    await admission.close()
