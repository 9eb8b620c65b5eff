"""People, rules and groups for tests of presence, and what a socket is told of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from asgiref.sync import sync_to_async

from carillon.testing.sockets import FakeSocket
from tests.support.people import make_user


async def person(name: str = "") -> Any:
    return await sync_to_async(make_user)(name)


def everybody_sees(*people: Any) -> Callable[[str, Collection[str]], set[str]]:
    """A rule by which these may see each other."""
    keys = {str(user.pk) for user in people}

    def rule(viewer: str, asked: Collection[str]) -> set[str]:
        return keys.intersection(asked) if viewer in keys else set()

    return rule


class Rooms:
    """Groups of kind `conversation` whose members a test changes; counts how often it is asked."""

    def __init__(self, **members: Any) -> None:
        self.members = {key.removeprefix("no"): {str(user.pk) for user in users} for key, users in members.items()}
        self.asked = 0

    def __call__(self, keys: Collection[str]) -> Mapping[str, set[str]]:
        self.asked += 1
        return {key: set(self.members[key]) for key in keys if key in self.members}


async def watch(socket: FakeSocket, *people: Any, conversations: list[int] | None = None) -> dict[str, str]:
    """Watch, and how they are."""
    asked = {"people": [str(user.pk) for user in people], "conversations": conversations or []}
    answer = await socket.command("presence.watch", asked)
    return {each["id"]: each["state"] for each in answer["people"]}


async def becomes(socket: FakeSocket, user: Any, state: str) -> dict[str, Any]:
    """Wait until this socket is told that somebody is in a state; returns what it was told."""
    while True:
        frame = await socket.receive_event("presence.changed")
        for told in frame["data"]["people"]:
            if told["id"] == str(user.pk) and told["state"] == state:
                return dict(told)


async def told(socket: FakeSocket) -> dict[str, str]:
    """What the next news say."""
    frame = await socket.receive_event("presence.changed")
    return {each["id"]: each["state"] for each in frame["data"]["people"]}
