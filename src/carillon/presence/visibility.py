"""Who may see whose presence: rules that features register, or one of the host's that replaces them all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.presence.events import RulesChanged
from carillon.realtime.outbox import broadcast
from carillon.realtime.topic import Topic

# Where processes tell each other of presence; no client may follow it.
BETWEEN = Topic("presence")

# Given a viewer and people: those of them whose presence the viewer may see.
Rule = Callable[[str, Collection[str]], Iterable[str]]
# Given the keys of groups (`7` of `conversation:7`): who is in each; a group that does not exist may be left out.
Members = Callable[[Collection[str]], Mapping[str, Iterable[str]]]

_rules: list[Rule] = []
_members: dict[str, Members] = {}


def register(rule: Rule) -> None:
    """Let people see those whom this rule names, beside what other rules name; it runs in a thread and may query the database."""
    if rule not in _rules:
        _rules.append(rule)


def register_group(kind: str, members: Members) -> None:
    """Let the members of a group of this kind see each other; `members` runs in a thread and may query the database."""
    if _members.setdefault(kind, members) is not members:
        raise ValueError(f"groups of kind {kind!r} are registered twice")


def forget() -> None:
    """Forget every rule, for tests."""
    _rules.clear()
    _members.clear()


def visible(viewer: str, people: Collection[str]) -> frozenset[str]:
    """Those of these people whose presence the viewer may see: oneself, and whom a rule names."""
    mine = {viewer}.intersection(people)
    others = [person for person in people if person != viewer]
    if not others:
        return frozenset(mine)
    rules = [import_string(settings.PRESENCE_VISIBLE)] if settings.PRESENCE_VISIBLE else _rules
    return frozenset(mine.union(*(set(rule(viewer, others)).intersection(others) for rule in rules)))


def members_of(groups: Iterable[str]) -> dict[str, frozenset[str]]:
    """Who is in each of these groups, such as `conversation:7`; nobody in one that is not known."""
    found = dict.fromkeys(groups, frozenset[str]())
    keys: dict[str, list[str]] = {}
    for group in found:
        kind, _, key = group.partition(":")
        if kind in _members:
            keys.setdefault(kind, []).append(key)
    for kind, wanted in keys.items():
        told = _members[kind](wanted)
        found.update((f"{kind}:{key}", frozenset(told.get(key, ()))) for key in wanted)
    return found


def is_replaced() -> bool:
    """Whether a function of the host's says who may see whom, also in groups."""
    return bool(settings.PRESENCE_VISIBLE)


def changed(people: Iterable[object] = (), groups: Iterable[str] = ()) -> None:
    """Say, after the commit, that these people may see or be seen by others than before, or that groups have other members.

    What is being watched is then looked up again, within a second; without it within a minute or five.
    """
    broadcast(BETWEEN, RulesChanged(people=[str(person) for person in people], groups=list(groups)))
