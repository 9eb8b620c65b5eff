"""Settings of a server with rooms that everybody may follow, so that a hundred topics can be followed at all."""

from __future__ import annotations

from carillon.realtime.identity import Identity
from carillon.realtime.topic import Access, register_topic
from tests.e2e.limited import *  # noqa: F403


def _everybody(identity: Identity, key: str) -> Access | None:
    return Access()


register_topic("room", _everybody)
