"""The client's reducer once more, in Python, written from the protocol: what a client holds after a snapshot and its events."""

from __future__ import annotations

import copy
from typing import Any

State = dict[str, Any]


def reduce(state: State, name: str, data: dict[str, Any]) -> State:
    """The state after an event. `state` has `items` by id (every announced notification) and `inbox`."""
    state = copy.deepcopy(state)
    if data["inbox"]["version"] > state["inbox"]["version"]:
        state["inbox"] = data["inbox"]
    state["items"] = _items(state["items"], name, data)
    return state


def _items(items: dict[str, Any], name: str, data: dict[str, Any]) -> dict[str, Any]:
    if name in ("notification.created", "notification.updated"):
        told = data.get("notifications") or [data["notification"]]
        return items | {each["id"]: each for each in told}
    if name == "notification.deleted":
        return {key: item for key, item in items.items() if key not in data["ids"]}
    if name == "notification.read_cleared":
        return {key: item for key, item in items.items() if item["number"] > data["up_to"] or not item["is_read"]}
    for item in items.values():
        if item["number"] <= data.get("up_to", 0):
            _touch(item, name, data)
    return items


def _touch(item: dict[str, Any], name: str, data: dict[str, Any]) -> None:
    is_in_inbox = not item["is_archived"] and item["snoozed_until"] is None
    if name == "notification.all_read" and is_in_inbox and not item["is_read"]:
        item.update(is_read=True, is_seen=True, read_at=data["read_at"])
    elif name == "notification.read_restored" and item["read_at"] == data["read_at"]:
        item.update(is_read=False, read_at=None)
    elif name == "notification.all_seen":
        item["is_seen"] = True
