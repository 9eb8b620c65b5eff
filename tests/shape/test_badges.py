"""The judge of badges: it must find what was at no time true, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.badges import History, Shown, faults, is_in_order
from tests.support.stored import Stored

TOPIC = "user:1"
READ = {"ref": "d.1", "action": "read", "ids": ["a"], "upTo": 0}


def _event(version: int, kind: str, unread: int, **data: Any) -> Stored:
    return Stored((TOPIC, "e.0", version), kind, {**data, "inbox": {"version": version, "unread": unread}})


def _row(id: str, number: int, **state: Any) -> dict[str, Any]:
    row = {"id": id, "number": number, "is_read": False, "is_archived": False, "snoozed_until": None, "read_at": None}
    return {**row, **state}


LOG = [
    _event(1, "notification.created", 1, notification=_row("a", 1)),
    _event(2, "notification.created", 2, notification=_row("b", 2)),
    _event(3, "notification.deleted", 1, ids=["a"]),
    _event(4, "notification.all_read", 0, up_to=2, read_at="2026-11-21T10:00:00Z"),
    _event(5, "notification.read_restored", 1, up_to=2, read_at="2026-11-21T10:00:00Z"),
]


@pytest.fixture
def history() -> History:
    return History(LOG, TOPIC)


def test_it_recounts_every_version(history: History) -> None:
    assert history.numbers == [1, 2, 1, 0, 1]
    assert history.wrong == []
    assert len(History([LOG[0], _event(2, "inbox.corrected", 7)], TOPIC).wrong) == 1


@pytest.mark.parametrize(
    ("version", "unread", "open"),
    [(1, 1, []), (2, 2, [READ]), (2, 1, [READ]), (3, 1, [READ]), (5, 1, [])],
)
def test_what_was_committed_and_what_the_reader_did_are_true(
    history: History, version: int, unread: int, open: list[dict[str, Any]]
) -> None:
    assert faults(history, [Shown("d", "inbox", version, unread, open)]) == []


@pytest.mark.parametrize(
    ("version", "unread", "open"),
    [(2, 1, []), (3, 0, [READ]), (3, 2, []), (4, 1, []), (9, 1, [])],
)
def test_anything_else_is_found(history: History, version: int, unread: int, open: list[dict[str, Any]]) -> None:
    assert len(faults(history, [Shown("d", "inbox", version, unread, open)])) == 1


def test_a_step_back_is_found(history: History) -> None:
    assert len(faults(history, [Shown("d", "inbox", 2, 2), Shown("d", "inbox", 1, 1)])) == 1
    assert faults(history, [Shown("d", "inbox", 2, 2), Shown("d", "archive", 1, 1)]) == []


def test_a_page_may_leave_numbers_out_and_may_not_turn_them_round() -> None:
    assert is_in_order([1, 2, 0], [1, 2, 1, 0])
    assert not is_in_order([1, 0, 2], [1, 2, 1, 0])
    assert not is_in_order([3], [1, 2, 1, 0])
