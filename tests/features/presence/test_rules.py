"""Who may see whom: members of groups, rules that change, and the function of a host that replaces them."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.test import override_settings

from carillon.presence import actions, process, visibility
from carillon.realtime import runtime
from carillon.testing import Refused, connect
from tests.features.presence.rooms import Rooms, becomes, person, told, watch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


async def test_members_of_a_conversation_see_each_other_and_nobody_else_sees_them() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    rooms = Rooms(no7=[alice, bruno])
    visibility.register_group("conversation", rooms)
    async with connect(alice) as mine, connect(chloe) as outside:
        assert await watch(mine, conversations=[7]) == {str(alice.pk): "online", str(bruno.pk): "offline"}
        assert await watch(outside, conversations=[7, 8]) == {}
        async with connect(bruno):
            await becomes(mine, bruno, "online")
            assert await watch(outside, bruno, conversations=[7]) == {}


async def test_who_is_removed_sees_no_more_and_who_is_added_sees_and_is_seen() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    rooms = Rooms(no7=[alice, bruno])
    visibility.register_group("conversation", rooms)
    async with connect(alice) as mine, connect(bruno) as theirs, connect(chloe) as hers:
        await watch(mine, conversations=[7])
        await watch(theirs, conversations=[7])
        assert await watch(hers, conversations=[7]) == {}
        rooms.members["7"] = {str(alice.pk), str(chloe.pk)}
        await sync_to_async(visibility.changed)(groups=["conversation:7"])
        # Nobody did anything: those who are there are told who is new, and who is none of their business any more.
        assert await told(mine) == {str(bruno.pk): "offline", str(chloe.pk): "online"}
        # She watched in vain before, and sees now.
        assert await told(hers) == {str(alice.pk): "online", str(chloe.pk): "online"}
        assert await told(theirs) == {str(alice.pk): "offline"}
        await theirs.command("presence.set", {"state": "away"})
        await hers.command("presence.set", {"state": "away"})
        assert await told(mine) == await told(hers) == {str(chloe.pk): "away"}
        await theirs.expect_nothing()


async def test_a_rule_that_changed_is_asked_again_for_whom_it_concerns() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    friends = {str(bruno.pk)}
    visibility.register(lambda viewer, people: friends.intersection(people))
    async with connect(alice) as mine, connect(bruno) as theirs, connect(chloe) as hers:
        assert await watch(mine, bruno, chloe) == {str(bruno.pk): "online"}
        friends.clear()
        friends.add(str(chloe.pk))
        await sync_to_async(visibility.changed)(people=[alice.pk])
        assert await told(mine) == {str(bruno.pk): "offline", str(chloe.pk): "online"}
        await theirs.command("presence.set", {"state": "away"})
        await hers.command("presence.set", {"state": "away"})
        assert await told(mine) == {str(chloe.pk): "away"}


async def test_a_topic_of_presence_may_be_subscribed_to_by_members() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    rooms = Rooms(no7=[alice, bruno])
    visibility.register_group("conversation", rooms)
    topic = "presence:conversation.7"
    async with connect(alice) as mine, connect(bruno) as theirs, connect(chloe) as outside:
        for socket, wanted in ((outside, topic), (mine, "presence:watch"), (mine, "presence")):
            with pytest.raises(Refused) as refused:
                await socket.command("subscribe", {"topic": wanted})
            assert refused.value.code == "not_found"
        await mine.command("subscribe", {"topic": topic})
        await theirs.command("presence.set", {"state": "away"})
        assert (await becomes(mine, bruno, "away"))["id"] == str(bruno.pk)
        rooms.members["7"] = {str(bruno.pk)}
        await sync_to_async(visibility.changed)(groups=["conversation:7"])
        error = await mine.receive_event("error")
        assert (error["data"]["code"], error["data"]["topic"]) == ("forbidden", topic)


async def test_thousands_of_members_are_read_once_for_all_who_watch_within_a_moment() -> None:
    alice, bruno = await person(), await person()
    rooms = Rooms(no7=[alice, bruno])
    visibility.register_group("conversation", rooms)
    async with connect(alice) as mine, connect(bruno) as theirs:
        assert await watch(mine, conversations=[7]) == await watch(theirs, conversations=[7])
        assert rooms.asked == 1


async def test_the_hosts_function_replaces_every_rule() -> None:
    alice, bruno, chloe = [await person() for _ in range(3)]
    visibility.register_group("conversation", Rooms(no7=[alice, bruno, chloe]))
    visibility.register(lambda viewer, people: people)
    _seen[:] = [str(chloe.pk)]
    mine_only = {**django_settings.CARILLON, "PRESENCE_VISIBLE": f"{__name__}.rule_of_a_host"}
    with override_settings(CARILLON=mine_only):
        async with connect(alice) as mine, connect(bruno) as theirs, connect(chloe) as hers:
            assert await watch(mine, bruno) == {}
            both = {str(alice.pk): "online", str(chloe.pk): "online"}
            assert await watch(mine, conversations=[7]) == both
            with pytest.raises(Refused):
                await mine.command("subscribe", {"topic": "presence:conversation.7"})
            await theirs.command("presence.set", {"state": "away"})
            await hers.command("presence.set", {"state": "away"})
            frame = await mine.receive_event("presence.changed")
            assert [each["id"] for each in frame["data"]["people"]] == [str(chloe.pk)]


_seen: list[str] = []


def rule_of_a_host(viewer: str, people: Collection[str]) -> list[str]:
    """Everybody sees the same few."""
    return _seen


async def test_who_is_removed_while_a_watch_begins_sees_nothing_after_a_moment() -> None:
    alice, bruno = await person(), await person()
    rooms = Rooms(no7=[alice, bruno])
    visibility.register_group("conversation", rooms)
    async with connect(alice) as mine, connect(bruno) as theirs:
        await watch(theirs, conversations=[7])
        watched = await sync_to_async(actions.watch)(str(alice.pk), [], ["conversation:7"])
        rooms.members["7"] = {str(bruno.pk)}
        await sync_to_async(visibility.changed)(groups=["conversation:7"])
        assert await told(theirs) == {str(alice.pk): "offline"}
        (connection,) = [each for each in runtime.current().connections if each.person == str(alice.pk)]
        process.current().begin(connection, watched)
        assert await told(mine) == {str(bruno.pk): "offline"}
        await theirs.command("presence.set", {"state": "away"})
        assert await told(theirs) == {str(bruno.pk): "away"}
        await mine.expect_nothing()
