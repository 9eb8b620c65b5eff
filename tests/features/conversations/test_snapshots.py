"""snapshot + events = snapshot, for every write of conversations; the same cases are replayed by the TypeScript reducers.

The cases stand in protocol/cases; `CARILLON_WRITE_CASES=1` writes them anew.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from carillon.conversations import actions
from carillon.conversations.models import Membership
from carillon.realtime import log
from carillon.realtime.topic import Topic
from tests.features.conversations.client import reduce_detail, reduce_list, reduce_messages
from tests.features.conversations.talk import follow_up, group_of
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

CASES = Path(__file__).resolve().parents[3] / "protocol" / "cases"
START = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
EPOCH = "e.0"
PEOPLE = ("alice", "bruno", "chloe", "dora", "emil")
# What tells of conversations on somebody's own topic.
OWN = ("conversation.touched", "conversation.gone", "person.blocked")


class Table:
    """Alice's group with Bruno and Chloé, which Emil has left; and her direct conversation with Bruno."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.people = {name: make_user(name, first_name=name.capitalize()) for name in PEOPLE}
        self.alice, self.bruno, self.chloe, self.dora, self.emil = self.people.values()
        self.group = group_of(self.alice, self.bruno, self.chloe, self.emil, title="Chantier").pk
        self.direct = actions.open_direct(self.alice, self.bruno).pk
        self.one = self.say(self.alice, "Bonjour à tous")
        self.two = self.say(self.bruno, "Salut @Alice")
        actions.leave(self.emil, self.group)
        self.three = self.say(self.chloe, "Et moi ?", reply_to=self.one)
        actions.react(self.bruno, self.group, self.one, "👍")
        self.question = self.say(self.bruno, "Ça va ?", where=self.direct)
        actions.mark_read(self.chloe, self.group)
        follow_up()

    def say(self, who: Any, content: str, *, where: int = 0, reply_to: int | None = None) -> int:
        self.clock.shift(60)
        key = f"{who.username}-{timezone.now():%H%M}"
        return actions.send_message(who, where or self.group, content, reply_to=reply_to, client_id=key).message.id


def _hosted(act: Callable[[Table], object]) -> Callable[[Table], None]:
    def run(table: Table) -> None:
        with transaction.atomic():
            act(table)

    return run


def _unreact(t: Table) -> None:
    actions.react(t.bruno, t.group, t.one, "👍", on=False)


def _unmute(t: Table) -> None:
    actions.mute(t.bruno, t.group, timezone.now() + dt.timedelta(hours=1))
    follow_up()
    actions.mute(t.bruno, t.group, None)


def _unblock(t: Table) -> None:
    actions.block(t.alice, t.bruno)
    follow_up()
    actions.unblock(t.alice, t.bruno)


def _say_and_delete(t: Table) -> None:
    actions.delete_message(t.alice, t.group, t.say(t.alice, "Oups"))


# By the action, and what is special about it.
WRITES: dict[str, Callable[[Table], object]] = {
    "send_message": lambda t: t.say(t.alice, "Au travail"),
    "send_message.direct": lambda t: t.say(t.alice, "Très bien", where=t.direct),
    "send_message.several": lambda t: [t.say(who, "Encore") for who in (t.alice, t.bruno, t.alice)],
    "send_message.reply": lambda t: t.say(t.bruno, "Oui", reply_to=t.three),
    "send_message.mention": lambda t: t.say(t.alice, "@Chloe viens"),
    "send_message.mention_all": lambda t: t.say(t.alice, "@all réunion"),
    "edit_message": lambda t: actions.edit_message(t.alice, t.group, t.one, "Bonsoir à tous"),
    "edit_message.last": lambda t: actions.edit_message(t.chloe, t.group, t.three, "Et moi, alors ?"),
    "delete_message": lambda t: actions.delete_message(t.bruno, t.group, t.two),
    "delete_message.quoted": lambda t: actions.delete_message(t.alice, t.group, t.one),
    "delete_message.last": lambda t: actions.delete_message(t.alice, t.group, t.three),
    "delete_message.at_once": _say_and_delete,
    "react": lambda t: actions.react(t.alice, t.group, t.three, "🎉"),
    "react.again": lambda t: actions.react(t.alice, t.group, t.one, "👍"),
    "react.off": _unreact,
    "mark_read": lambda t: actions.mark_read(t.alice, t.group),
    "mark_read.part": lambda t: actions.mark_read(t.alice, t.group, 3),
    "mark_read.direct": lambda t: actions.mark_read(t.alice, t.direct),
    "mute": lambda t: actions.mute(t.bruno, t.group, timezone.now() + dt.timedelta(hours=1)),
    "mute.off": _unmute,
    "update_conversation": lambda t: actions.update_conversation(t.alice, t.group, title="Chantier B"),
    "update_conversation.picture": lambda t: actions.update_conversation(t.alice, t.group, picture="/b.png"),
    "add_members": lambda t: actions.add_members(t.alice, t.group, [t.dora]),
    "add_members.again": lambda t: actions.add_members(t.alice, t.group, [t.dora, t.emil]),
    "remove_member": lambda t: actions.remove_member(t.alice, t.group, t.bruno),
    "leave": lambda t: actions.leave(t.chloe, t.group),
    "leave.owner": lambda t: actions.leave(t.alice, t.group),
    "set_role": lambda t: actions.set_role(t.alice, t.group, t.bruno, "admin"),
    "block": lambda t: actions.block(t.alice, t.bruno),
    "unblock": _unblock,
    "open_direct": lambda t: actions.open_direct(t.alice, t.dora),
    "open_conversation": lambda t: group_of(t.alice, t.bruno, t.dora, title="Nouveau"),
    "open_conversation.room": lambda t: group_of(t.dora, t.alice, title="Salle", kind="room"),
}
WRITES |= {
    f"{name}.in_host_transaction": _hosted(WRITES[name])
    for name in ("send_message", "edit_message", "mark_read", "add_members", "leave", "block", "open_conversation")
}


class View:
    """What one person sees at one address, and the topics from which they hear of changes."""

    def __init__(self, table: Table, name: str, kind: str, conversation: int = 0, limit: int = 100) -> None:
        self.me, self.kind, self.limit, self.conversation = table.people[name], kind, limit, conversation
        self.name = (
            f"{kind} {conversation or ''}".strip() + f" of {name}" + ("" if limit == 100 else f", {limit} a page")
        )
        own, shared = f"user:{self.me.pk}", f"conversation:{conversation}"
        self.topics = {"list": [own], "messages": [shared], "detail": [shared, own]}[kind]
        self.since = {topic: log.head(Topic.parse(topic)).offset for topic in self.topics}
        self.snapshot = self.get()

    def get(self) -> dict[str, Any] | None:
        client = APIClient()
        client.force_authenticate(self.me)
        path = {"list": "", "detail": f"{self.conversation}/", "messages": f"{self.conversation}/messages/"}[self.kind]
        answer = client.get(f"/api/v1/conversations/{path}", {} if self.kind == "detail" else {"limit": self.limit})
        if answer.status_code == 404:
            return None
        found: dict[str, Any] = answer.json()
        found["position"]["epoch"] = EPOCH
        if found.get("next"):
            found["next"] = "more"
        return found

    def events(self) -> list[dict[str, Any]]:
        """What they hear after the snapshot: the conversation's own first, then their list's."""
        return [
            {
                "type": event.type,
                "topic": topic,
                "epoch": EPOCH,
                "offset": event.offset,
                "at": "2026-11-20T10:00:00.000Z",
                "data": json.loads(event.data),
            }
            for topic in self.topics
            for event in log.read(Topic.parse(topic), self.since[topic], 1000).events
            if topic.startswith("conversation:") or event.type in OWN
        ]

    def reduced(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        assert self.snapshot is not None
        told = [(event["type"], event["data"]) for event in events]
        if self.kind == "detail":
            mine = [each for each in told if _is_about(each, self.conversation)]
            return reduce_detail(self.snapshot, str(self.me.pk), mine)
        return (reduce_list if self.kind == "list" else reduce_messages)(self.snapshot, told)


def _is_about(event: tuple[str, dict[str, Any]], conversation: int) -> bool:
    name, data = event
    return name not in OWN or data.get("entry", {}).get("conversation", {}).get("id") == conversation


def _compared(kind: str, found: dict[str, Any]) -> Any:
    if kind == "list":
        return found["results"], sorted(found["unread"], key=lambda each: each["conversation"])
    if kind == "messages":
        return found["results"]
    # It only says which of two states is the later, and grows without being told.
    conversation = {name: value for name, value in found["conversation"].items() if name != "version"}
    return conversation, found["members"], found["mine"]


def views(table: Table) -> Iterator[View]:
    """Each list, and the two conversations of those who are in them."""
    for name, person in table.people.items():
        yield View(table, name, "list")
        for conversation in (table.group, table.direct):
            if Membership.objects.filter(user=person, conversation=conversation, left_at=None).exists():
                yield View(table, name, "detail", conversation)
                yield View(table, name, "messages", conversation)
    yield View(table, "alice", "list", limit=1)


@pytest.fixture
def table() -> Iterator[Table]:
    with time_machine.travel(START, tick=False) as clock:
        yield Table(clock)


@covers("004-47")
@pytest.mark.parametrize("write", sorted(WRITES))
def test_snapshot_plus_events_is_the_snapshot(table: Table, write: str) -> None:
    seen = list(views(table))
    table.clock.shift(60)
    WRITES[write](table)
    follow_up()
    told = 0
    cases = []
    for view in seen:
        events, after = view.events(), view.get()
        told += len(events)
        if after is None:
            continue
        assert view.snapshot is not None
        if view.limit == 100:
            for once_or_twice in (events, [*events, *events]):
                reduced = _compared(view.kind, view.reduced(once_or_twice))
                assert reduced == _compared(view.kind, after), (view.name, [event["type"] for event in events])
        if events:
            wanted = {"view": view.kind, "me": str(view.me.pk), "snapshot": view.snapshot, "events": events}
            cases.append({"name": f"{write}, {view.name}", **wanted, "expected": after})
    assert told, "every write is told"
    _keep(write, cases)


def _keep(write: str, made: list[dict[str, Any]]) -> None:
    """Write the cases, where that is asked for; they must be those of the last time."""
    path = CASES / f"conversations.{write}.json"
    if os.environ.get("CARILLON_WRITE_CASES"):
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in made)
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(made))


def test_every_write_of_the_feature_has_a_case() -> None:
    # Nothing of typing is stored; accounts that are deleted have a test of their own, for messages that were loaded before keep
    # their names; the others are parts of those that are here.
    told = {"follow_up", "new_message", "send_messages", "set_typing", "depart", "reconcile"}
    writes = {name for name in actions.__all__ if name[0].islower()} - told
    assert writes <= {name.partition(".")[0] for name in WRITES}, "a new action needs its case here"
