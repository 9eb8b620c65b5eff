"""Topic: an address for events, written `kind:key`."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from carillon.errors import Invalid
from carillon.realtime.identity import Identity

_TOPIC = re.compile(r"([a-z][a-z_]{0,31})(?::([A-Za-z0-9][A-Za-z0-9_.-]{0,99}))?")


# No gc for what refers to nothing that could refer back: many are made, and none is in a cycle.
class Topic(msgspec.Struct, frozen=True, order=True, gc=False):
    """An address for events: a kind such as `conversation`, and the key of one of them (empty for `system`)."""

    kind: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Read `kind:key`; raises Invalid for anything else."""
        match = _TOPIC.fullmatch(text)
        if match is None:
            raise Invalid(
                "invalid", "This is not a topic.", details=[{"field": "topic", "message": "kind:key expected"}]
            )
        return cls(match[1], match[2] or "")


def user_topic(person: object) -> Topic:
    """The topic of one person's own events; every connection of theirs follows it."""
    return Topic("user", str(person))


class Access(msgspec.Struct, frozen=True):
    """Leave to follow a topic: events up to and including offset `visible_from` stay hidden."""

    visible_from: int = 0


# Given who asks and the topic's key: what they may see, or None where the topic does not exist for them.
MayFollow = Callable[[Identity, str], Access | None]

_kinds: dict[str, MayFollow] = {}


def register_topic(kind: str, may_follow: MayFollow) -> None:
    """Make topics of this kind followable; `may_follow` runs in a thread and may query the database."""
    if _kinds.setdefault(kind, may_follow) is not may_follow:
        raise ValueError(f"topic kind {kind!r} is registered twice")


def may_follow(identity: Identity, topic: Topic) -> Access | None:
    """Whether, and from where, this person may follow the topic; None also for kinds nobody registered."""
    rule = _kinds.get(topic.kind)
    return rule(identity, topic.key) if rule else None


def _own(identity: Identity, key: str) -> Access | None:
    return Access() if key == identity.person else None


register_topic("user", _own)
