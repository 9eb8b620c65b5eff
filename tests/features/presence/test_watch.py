"""Watching over real sockets: what is told when, and what comes to an end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carillon.people.models import Profile
from carillon.presence import actions, process, visibility
from carillon.presence.models import LastSeen
from carillon.presence.queries import lookers
from carillon.realtime import runtime
from carillon.testing import Refused, connect
from tests.features.presence.rooms import becomes, everybody_sees, person, watch
from tests.support.covers import covers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


async def written(user: Any) -> Any:
    """When somebody was seen last, once it is written."""
    async with asyncio.timeout(10):
        while (row := await LastSeen.objects.filter(pk=user.pk).afirst()) is None:
            await asyncio.sleep(0.02)
    return row.at


@covers("002-12", "002-17", "004-03", "004-18")
async def test_one_sees_others_come_go_away_and_leave() -> None:
    alice, bruno = await person(), await person("bruno")
    visibility.register(everybody_sees(alice, bruno))
    async with connect(alice) as mine:
        (told,) = (await mine.command("presence.watch", {"people": [str(bruno.pk)]}))["people"]
        assert told == {"id": str(bruno.pk), "state": "offline", "last_seen": None, "username": "bruno"}
        async with connect(bruno) as phone:
            assert (await becomes(mine, bruno, "online"))["last_seen"] is None
            async with connect(bruno) as desk:
                for socket in (phone, desk):
                    assert await socket.command("presence.set", {"state": "away"}) == {}
                await becomes(mine, bruno, "away")
                await desk.command("presence.set", {"state": "online"})
                await becomes(mine, bruno, "online")
            # The device that is left is away: the other counts for the grace, and no longer.
            await becomes(mine, bruno, "away")
        told = await becomes(mine, bruno, "offline")
        at = await written(bruno)
        assert told["username"] == "bruno" and told["last_seen"] == at.isoformat().replace("+00:00", "Z")
        again = await mine.command("presence.watch", {"people": [str(bruno.pk)]})
        assert again["people"] == [told]


async def test_without_a_rule_one_sees_oneself_alone() -> None:
    alice, bruno = await person(), await person()
    async with connect(alice) as mine, connect(bruno) as theirs:
        assert await watch(mine, alice, bruno) == {str(alice.pk): "online"}
        await theirs.command("presence.set", {"state": "away"})
        await mine.command("presence.set", {"state": "away"})
        frame = await mine.receive_event("presence.changed")
        assert [each["id"] for each in frame["data"]["people"]] == [str(alice.pk)]


async def test_who_does_not_exist_and_what_is_no_key_is_left_out() -> None:
    alice = await person()
    visibility.register(lambda viewer, people: people)
    async with connect(alice) as mine:
        answer = await mine.command("presence.watch", {"people": ["999999", "nobody", str(alice.pk)]})
        assert [each["id"] for each in answer["people"]] == [str(alice.pk)]


async def test_a_new_watch_replaces_the_one_before() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    visibility.register(everybody_sees(alice, bruno, chloe))
    async with connect(alice) as mine, connect(bruno) as one, connect(chloe) as other:
        await watch(mine, bruno)
        assert await watch(mine, chloe) == {str(chloe.pk): "online"}
        await one.command("presence.set", {"state": "away"})
        await other.command("presence.set", {"state": "away"})
        frame = await mine.receive_event("presence.changed")
        assert [each["id"] for each in frame["data"]["people"]] == [str(chloe.pk)]
        assert await watch(mine) == {}
        await other.command("presence.set", {"state": "online"})
        assert await watch(mine, bruno) == {str(bruno.pk): "away"}


async def test_looking_ends_with_the_connection_and_is_nobody_elses() -> None:
    alice, bruno = await person(), await person()
    mine, theirs = str(alice.pk), str(bruno.pk)
    async with connect(bruno):
        async with connect(alice) as socket:
            connection = socket.hello["connection"]
            actions.look(mine, connection, "conversation:7")
            assert lookers("conversation:7", [mine, theirs]) == {mine}
            assert lookers("conversation:7", [theirs]) == lookers("conversation:8", [mine]) == set()
            # The connection is not theirs.
            actions.look(theirs, connection, "conversation:8")
            assert lookers("conversation:8", [mine, theirs]) == set()
            await socket.command("presence.set", {"state": "away"})
            assert lookers("conversation:7", [mine]) == set()
            await socket.command("presence.set", {"state": "online"})
            assert lookers("conversation:7", [mine]) == {mine}
            actions.look(mine, connection)
            assert lookers("conversation:7", [mine]) == set()
            actions.look(mine, connection, "conversation:7")
        async with asyncio.timeout(10):
            while lookers("conversation:7", [mine]):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("command", "data", "field"),
    [
        ("presence.set", {"state": "offline"}, "state"),
        ("presence.set", {}, ""),
        ("presence.watch", {"people": [1]}, "people[0]"),
        ("presence.watch", {"people": ["1"] * 501}, "people"),
        ("presence.watch", {"conversations": [1] * 21}, "conversations"),
        ("presence.watch", {"conversations": [0]}, "conversations[0]"),
        ("presence.watch", {"rooms": [1]}, ""),
    ],
)
async def test_what_cannot_be_is_refused_and_loses_nothing(command: str, data: dict[str, Any], field: str) -> None:
    async with connect(await person()) as socket:
        with pytest.raises(Refused) as refused:
            await socket.command(command, data)
        assert refused.value.code in ("invalid", "unknown_field")
        assert [each["field"] for each in refused.value.data["details"]] == [field]
        assert await socket.command("presence.watch", {}) == {"people": []}


async def test_a_watch_does_not_count_as_a_topic_and_ends_with_its_connection() -> None:
    alice = await person()
    async with connect(alice) as socket:
        await watch(socket, alice)
        (connection,) = runtime.current().connections
        assert [str(topic) for topic in connection.subscriptions] == [f"user:{alice.pk}"]
        assert len(process.current().watchers._watches) == 1
    assert not process.current().watchers._watches


async def test_names_come_from_the_profile_of_the_host() -> None:
    alice = await person("alice@example.org")
    await Profile.objects.acreate(user=alice, display_name="Alice")
    async with connect(alice) as socket:
        (told,) = (await socket.command("presence.watch", {"people": [str(alice.pk)]}))["people"]
        assert told["username"] == "", "an address is nobody's business"
