"""Every command of the socket, by everybody on everything, over real connections (GUARANTEES S9)."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from carillon.errors import NotFound
from carillon.realtime.command import Caller, registered_commands
from carillon.realtime.identity import Identity, Person
from carillon.realtime.topic import Topic, may_follow
from tests.contracts.access.operations import commands
from tests.contracts.access.rules import ACTORS, OUTSIDE, PARTICIPANTS, SIGNED_IN, TARGETS
from tests.contracts.access.serving import LIMITS, say, serving
from tests.contracts.access.table import SOCKET
from tests.contracts.access.world import MARK, World, filled, holdings
from tests.support.server import SOCKET_PATHS


def test_every_command_has_a_line_and_every_line_a_command() -> None:
    unknown, gone = commands() - SOCKET.keys(), SOCKET.keys() - commands()
    assert not unknown, f"who may say {', '.join(sorted(unknown))}? write its line into tests/contracts/access/table.py"
    assert not gone, f"delete the lines of {', '.join(sorted(gone))}: there is no such command"


def test_the_matrix_is_large() -> None:
    for name, line in SOCKET.items():
        assert line.rules.keys() - set(PARTICIPANTS) == set(ACTORS), name
    assert sum(len(line.rules) for line in SOCKET.values()) * len(TARGETS) >= 800


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", SOCKET_PATHS)
@pytest.mark.parametrize("actor", [*ACTORS, *PARTICIPANTS])
async def test_everybody_gets_what_the_table_says(actor: str, path: str) -> None:
    lines = {name: line for name, line in SOCKET.items() if actor in line.rules}
    # Who is no person has the owner's things for their own.
    mine = actor if actor in (*SIGNED_IN, *OUTSIDE[1:], *PARTICIPANTS) else "owner"
    world = await sync_to_async(World)(talks=[mine], busy=mine, notifications=len(lines))
    before = await sync_to_async(holdings)(world.bystander.user)
    token = await sync_to_async(world.credential)(actor)
    expected = {name: line.rules[actor] for name, line in lines.items()}
    answers = {}
    with override_settings(CARILLON=LIMITS):
        async with serving(path) as url:
            for name in lines:
                answers[name] = await _answers(url, world, actor, token, name)
                # The next command gets a notification that this one has not touched.
                world.actor(actor).ids.pop()
    assert answers == expected
    assert await sync_to_async(holdings)(world.bystander.user) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name",
    sorted(name for name in commands() & SOCKET.keys() & registered_commands().keys() if not SOCKET[name].may_tell),
)
def test_looking_for_anothers_asks_the_database_as_much_as_for_nobodys(name: str) -> None:
    world = World(talks=["stranger"] if SOCKET[name].is_of_talks else ())
    stranger = world.people["stranger"].user
    identity = Identity(person=str(stranger.pk), face=Person(str(stranger.pk), "Stranger"), principals=())
    # One's own come first: what there was to do is done, and what is kept in memory is there.
    _, foreign, missing = [_statements(name, identity, world.words("stranger", target, "")) for target in TARGETS]
    assert foreign == missing > 0


@pytest.mark.django_db(transaction=True)
def test_following_anothers_topic_is_refused_as_nobodys_is() -> None:
    world = World()
    own, foreign, missing = (Topic.parse(world.words("stranger", target, "")["topic"]) for target in TARGETS)
    stranger = str(world.people["stranger"].user.pk)
    identity = Identity(person=stranger, face=Person(stranger, "Stranger"), principals=())
    with CaptureQueriesContext(connection) as statements:
        assert [may_follow(identity, topic) for topic in (foreign, missing)] == [None, None]
    assert may_follow(identity, own) is not None
    assert len(statements) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", SOCKET_PATHS)
@pytest.mark.parametrize("mark", ["mark_read", "mark_unread"])
async def test_the_bell_tells_anothers_from_nobodys_as_little(mark: str, path: str) -> None:
    world = await sync_to_async(World)()
    before = await sync_to_async(holdings)(world.bystander.user)
    token = await sync_to_async(world.credential)("stranger")
    offered = [Subprotocol("carillon.bell"), Subprotocol(f"bearer.{token}")]
    told = []
    with override_settings(CARILLON={**LIMITS, "DIALECTS": ("native", "bell")}):
        async with serving(path) as url, connect(f"{url}notifications/", subprotocols=offered) as bell:
            for target in TARGETS:
                words = await sync_to_async(world.words)("stranger", target, token)
                await bell.send(json.dumps({"type": mark, "notification_id": words["id"]}))
                async with asyncio.timeout(10):
                    told.append(json.loads(await bell.recv()))
    own, foreign, missing = told
    assert own["type"] == "unread_count"
    assert foreign == missing == {"type": "error", "error": "There is no such notification.", "code": "not_found"}
    assert await sync_to_async(holdings)(world.bystander.user) == before


async def _answers(url: str, world: World, actor: str, token: str, name: str) -> tuple[str, ...]:
    told = {}
    for target in TARGETS:
        words = await sync_to_async(world.words)(actor, target, token)
        data = filled(SOCKET[name].body, words)
        # Who is outside may as well bring the credential with the first command.
        is_late = name == "authenticate" and actor not in SIGNED_IN
        told[target] = await say(url, "" if is_late else token, name, data)
    foreign, missing = told["foreign"], told["missing"]
    may_tell = SOCKET[name].may_tell or foreign[0] == missing[0] == "reply"
    assert foreign == missing or may_tell, f"{actor} {name} can tell them apart"
    assert MARK not in str(foreign)
    return tuple(answer for answer, _ in told.values())


def _statements(name: str, identity: Identity, words: dict[str, str]) -> int:
    definition: Any = registered_commands()[name]
    params = definition.validate(filled(SOCKET[name].body, words))
    # In a transaction a hot command is carried out here, and not by another thread.
    in_place = transaction.atomic() if definition.hot is not None else nullcontext()
    with CaptureQueriesContext(connection) as statements, suppress(NotFound), in_place:
        item = definition.handler(Caller(identity=identity), params)
        if definition.hot is not None:
            definition.hot(item)
    return len(statements)
