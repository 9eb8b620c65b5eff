"""The client's reducers of conversations once more, in Python, written from the protocol: what a client holds after events."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

State = dict[str, Any]
Event = tuple[str, dict[str, Any]]


def reduce_list(state: State, events: list[Event]) -> State:
    """A page of the list after events of the reader's own topic."""
    entries = {entry["conversation"]["id"]: entry for entry in copy.deepcopy(state["results"])}
    for name, data in _copied(events):
        if name == "conversation.touched":
            entries[data["entry"]["conversation"]["id"]] = data["entry"]
        elif name == "conversation.gone":
            entries.pop(data["conversation"], None)
        elif name == "person.blocked":
            for entry in entries.values():
                if entry["conversation"]["kind"] == "direct" and entry["people"][0]["id"] == data["person"]:
                    entry["mine"]["blocks"] = data["is_blocked"]
    ordered = sorted(entries.values(), key=lambda each: (each["activity"], each["conversation"]["id"]), reverse=True)
    return {"results": ordered, "unread": _reduce_unread(state, events)}


def _reduce_unread(state: State, events: list[Event]) -> list[dict[str, int]]:
    counted = {each["conversation"]: each for each in state["unread"]}
    for name, data in events:
        if name == "conversation.gone":
            counted.pop(data["conversation"], None)
        elif name == "conversation.touched":
            key, mine = data["entry"]["conversation"]["id"], data["entry"]["mine"]
            counted.pop(key, None)
            muted_until = mine["muted_until"] and dt.datetime.fromisoformat(mine["muted_until"])
            if mine["unread"] and (mine["is_mentioned"] or not muted_until or muted_until <= timezone.now()):
                counted[key] = {"conversation": key, "unread": mine["unread"]}
    return sorted(counted.values(), key=lambda each: each["conversation"])


def reduce_messages(state: State, events: list[Event]) -> State:
    """The latest messages after events of the conversation."""
    items = {item["id"]: item for item in copy.deepcopy(state["results"])}
    for name, data in _copied(events):
        if not name.startswith("message."):
            continue
        items[data["message"]["id"]] = data["message"]
        if name == "message.deleted":
            for item in items.values():
                if item["reply_to"] and item["reply_to"]["id"] == data["message"]["id"]:
                    item["reply_to"] |= {"content": "", "is_deleted": True}
    return {"results": sorted(items.values(), key=lambda item: item["seq"])}


def reduce_detail(state: State, me: str, events: list[Event]) -> State:
    """A conversation after its events, and those lines of the reader's list that tell of it."""
    held = Detail(copy.deepcopy(state), me)
    for name, data in _copied(events):
        held.hear(name, data)
    return held.state


class Detail:
    """A conversation, its members and what is one's own in it."""

    def __init__(self, state: State, me: str) -> None:
        self.state, self.me = state, me

    def hear(self, name: str, data: dict[str, Any]) -> None:
        """Take in an event."""
        if name == "message.sent":
            message = data["message"]
            self._tell(last_seq=message["seq"])
            self._read(message["sender"]["id"], message["seq"], message["created_at"])
        elif name == "conversation.read":
            self._read(data["person"], data["up_to"], data["at"])
        elif name == "conversation.touched":
            mine, reached = data["entry"]["mine"], self.state["mine"]["read_up_to"]
            self.state["mine"] = mine | {"read_up_to": max(reached, mine["read_up_to"])}
        else:
            self._move(name, data)
        if "conversation" in data and isinstance(data["conversation"], dict):
            self._tell(**data["conversation"])
        mine = self.state["mine"]
        bound = max(mine["read_up_to"], mine["visible_from"])
        mine["unread"] = max(0, self.state["conversation"]["last_seq"] - bound)

    def _move(self, name: str, data: dict[str, Any]) -> None:
        if name == "member.joined":
            self._without(each["person"]["id"] for each in data["members"])
            self.state["members"] += data["members"]
            self.state["members"].sort(key=lambda each: each["joined_at"])
        elif name == "member.left":
            self._without(data["people"])
        elif name == "member.changed":
            for member in self.state["members"]:
                if member["person"]["id"] == data["member"]["person"]["id"]:
                    member["role"] = data["member"]["role"]

    def _tell(self, **told: Any) -> None:
        last = self.state["conversation"]["last_seq"]
        self.state["conversation"] |= told | {"last_seq": max(last, told["last_seq"])}

    def _read(self, person: str, up_to: int, at: str) -> None:
        for member in self.state["members"]:
            if member["person"]["id"] == person and member["read_up_to"] < up_to:
                member.update(read_up_to=up_to, read_at=at)
        if person == self.me:
            self.state["mine"]["read_up_to"] = max(up_to, self.state["mine"]["read_up_to"])

    def _without(self, people: Any) -> None:
        gone = set(people)
        self.state["members"] = [each for each in self.state["members"] if each["person"]["id"] not in gone]


def _copied(events: list[Event]) -> Iterator[Event]:
    """Each by itself, for the same may come twice."""
    return (copy.deepcopy(event) for event in events)
