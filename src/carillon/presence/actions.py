"""What people say of their own connections, and whom they want to hear of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from carillon.presence import process
from carillon.presence.watching import Watched


def set_state(person: str, connection: str, state: Literal["online", "away"]) -> None:
    """Say whether the person is at this connection or away from it; nothing happens where it is not theirs, or not of this process."""
    process.current().tracker.set_away(person, connection, is_away=state == "away")


def look(person: str, connection: str, *keys: str) -> None:
    """Say what the person has before their eyes on this connection, such as `conversation:7`; no key: nothing.

    It takes the place of what was said before, and ends with the connection. When this returns, `queries.lookers` knows it.
    """
    process.current().tracker.look(person, connection, keys)


def watch(person: str, people: Iterable[str], groups: Iterable[str]) -> Watched:
    """How those of these people and members of these groups are whom the person may see; others are left out.

    Give it to `process.current().begin` on the loop, once this is answered: then a connection is told what changes.
    """
    return process.current().look_up(person, people, groups)
