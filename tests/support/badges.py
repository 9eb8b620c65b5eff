"""Judges the numbers that badges showed, by nothing but the event log and the rows of the database."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.support.stored import Stored

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Row:
    """What decides whether a notification counts as unread."""

    number: int
    is_read: bool = False
    is_archived: bool = False
    snoozed_until: str | None = None
    read_at: str | None = None

    @property
    def is_in_inbox(self) -> bool:
        return not self.is_archived and self.snoozed_until is None

    @property
    def counts(self) -> bool:
        return self.is_in_inbox and not self.is_read


Rows = Mapping[str, Row]


def unread(rows: Rows) -> int:
    """Recount."""
    return sum(row.counts for row in rows.values())


class History:
    """The rows of one person at every version of the counters that was ever committed."""

    def __init__(self, log: Iterable[Stored], topic: str) -> None:
        self.at: dict[int, Rows] = {}
        """Rows by version."""
        self.wrong: list[str] = []
        """Versions whose committed counter is not the recount of the rows that belong to it."""
        rows: Rows = {}
        for event in log:
            if event.key[0] == topic:
                rows = _after(rows, event)
                self._keep(rows, event)

    @property
    def numbers(self) -> list[int]:
        """What the counter was, in the order of its versions."""
        return [unread(rows) for _, rows in sorted(self.at.items())]

    def _keep(self, rows: Rows, event: Stored) -> None:
        inbox = event.data.get("inbox")
        if inbox is None:
            return
        self.at[inbox["version"]] = rows
        if inbox["unread"] != unread(rows):
            self.wrong.append(f"version {inbox['version']} ({event.type}) said {inbox['unread']}, not {unread(rows)}")


@dataclass(frozen=True)
class Shown:
    """One number that one list of one device showed, and the device's own writes that were undecided then."""

    device: str
    list: str
    version: int
    unread: int
    open: Sequence[Mapping[str, Any]] = ()


def faults(history: History, shown: Iterable[Shown]) -> list[str]:
    """Return what was never true: see `possible`; and every step back to an older version."""
    found: list[str] = []
    judged: set[Any] = set()
    last: dict[tuple[str, str], int] = {}
    for one in shown:
        place = (one.device, one.list)
        if one.version < last.get(place, -1):
            found.append(f"{place} went back from version {last[place]} to {one.version}")
        last[place] = one.version
        key = (one.version, one.unread, tuple(write["ref"] for write in one.open))
        if key not in judged and one.unread not in possible(history, one):
            wanted = sorted(set(possible(history, one)))
            found.append(f"{place} showed {one.unread} at version {one.version}, not one of {wanted}: {one.open}")
        judged.add(key)
    return found


def possible(history: History, shown: Shown) -> Iterator[int]:
    """Yield the numbers that may be shown: what was committed under that version, with any of the device's own undecided writes."""
    rows = history.at.get(shown.version)
    if rows is None:
        return
    for size in range(len(shown.open), -1, -1):
        for writes in itertools.combinations(shown.open, size):
            yield unread(_with(rows, writes))


def is_in_order(numbers: Sequence[int], history: Sequence[int]) -> bool:
    """Tell whether a page that is only told of the counter can have shown these numbers: some of its values, none out of turn."""
    later = iter(history)
    return all(any(number == one for one in later) for number in numbers)


def _after(rows: Rows, event: Stored) -> Rows:
    data = event.data
    match event.type:
        case "notification.created":
            return {**rows, **_told([data["notification"]])}
        case "notification.updated":
            return {**rows, **_told(data["notifications"])}
        case "notification.deleted":
            return {id: row for id, row in rows.items() if id not in data["ids"]}
        case "notification.all_read":
            return _read_up_to(rows, data["up_to"], data["read_at"])
        case "notification.read_restored":
            return _restored(rows, data["up_to"], data["read_at"])
        case "notification.read_cleared":
            return _cleared(rows, data["up_to"])
    return rows


def _told(notifications: Iterable[Mapping[str, Any]]) -> dict[str, Row]:
    names = ("number", "is_read", "is_archived", "snoozed_until", "read_at")
    return {one["id"]: Row(*(one[name] for name in names)) for one in notifications}


def _with(rows: Rows, writes: Iterable[Mapping[str, Any]]) -> Rows:
    for write in writes:
        rows = _written(rows, write)
    return rows


def _written(rows: Rows, write: Mapping[str, Any]) -> Rows:
    match write["action"]:
        case "read_all":
            return _read_up_to(rows, write["upTo"], None)
        case "clear_read":
            return _cleared(rows, write["upTo"])
        case "restore_unread":
            bound, moment = (int(part) for part in write["stamp"].split("."))
            return _restored(rows, bound, (_EPOCH + dt.timedelta(microseconds=moment)).isoformat())
        case "seen":
            return rows
        case "delete":
            return {id: row for id, row in rows.items() if id not in write["ids"]}
    here = {id: rows[id] for id in write["ids"] if id in rows}
    return {**rows, **{id: replace(row, **_change(row, write)) for id, row in here.items()}}


def _change(row: Row, write: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "read": {"is_read": True},
        "unread": {"is_read": False, "read_at": None},
        "archive": {"is_read": True, "is_archived": True, "snoozed_until": None},
        "unarchive": {"is_archived": False},
        "snooze": {"is_archived": False, "snoozed_until": write.get("until")},
        "unsnooze": {"snoozed_until": None},
    }
    return changes[write["action"]]


def _read_up_to(rows: Rows, bound: int, read_at: str | None) -> Rows:
    return {
        id: replace(row, is_read=True, read_at=read_at) if row.counts and row.number <= bound else row
        for id, row in rows.items()
    }


def _restored(rows: Rows, bound: int, read_at: str) -> Rows:
    moment = dt.datetime.fromisoformat(read_at)
    return {
        id: replace(row, is_read=False, read_at=None)
        if row.number <= bound and row.read_at and dt.datetime.fromisoformat(row.read_at) == moment
        else row
        for id, row in rows.items()
    }


def _cleared(rows: Rows, bound: int) -> Rows:
    return {id: row for id, row in rows.items() if not (row.is_read and row.number <= bound)}
