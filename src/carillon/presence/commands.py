"""What a socket client may say and ask of presence."""

from __future__ import annotations

from typing import Any

from carillon.presence import actions, process
from carillon.presence.requests import Presences, SetPresence, WatchPresence
from carillon.realtime.command import Caller, Nothing, command


@command("presence.set", params=SetPresence, is_write=False)
def set_state(caller: Caller, params: SetPresence) -> Nothing:
    """Say whether one is at this device or away from it."""
    actions.set_state(caller.person, caller.connection, params.state)
    return Nothing()


@command("presence.watch", params=WatchPresence, reply=Presences, is_write=False)
def watch(caller: Caller, params: WatchPresence) -> Presences:
    """Hear of these people, and of the members of these conversations, instead of those before; the answer is how they are now."""
    watched = actions.watch(caller.person, params.people, params.groups)

    def begin(connection: Any) -> None:
        process.current().begin(connection, watched)

    caller.afterwards.append(begin)
    return Presences(watched.people)
