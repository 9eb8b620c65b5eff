"""The judge against made-up histories: each kind of fault is found, and nothing else is called one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.faults.checker import FAULTS, Reader, Verdict, check_writes, log_of
from tests.e2e.faults.history import Ack, Kind, Record, Row, Sheet, acks, records

ROWS = [Row("hall:1", "e", offset, f"w{offset}") for offset in range(1, 7)]
GUARDED = [
    *[Row("hall:1", "e", offset, f"w{offset}") for offset in (1, 2)],
    Row("hall:1", "e", 3, revokes=("7",)),
    Row("hall:1", "e", 4, "w4"),
    Row("hall:1", "e", 5, admits="7"),
    Row("hall:1", "e", 6, "w6"),
]


def _record(kind: Kind, connection: int, offset: int = 0, id: str = "", epoch: str = "e") -> Record:
    return Record(kind, connection, "" if kind in {"open", "end"} else "hall:1", epoch, offset, id)


def _got(connection: int, *offsets: int) -> list[Record]:
    return [_record("event", connection, offset, f"w{offset}") for offset in offsets]


def _begin(connection: int, after: int) -> list[Record]:
    return [_record("open", connection), _record("follow", connection, after)]


def _judge(history: list[Record], rows: list[Row] = ROWS, *, may_resync: bool = False) -> Verdict:
    return Reader("c", log_of(rows), principals=["7"], may_resync=may_resync).read(history)


def test_a_good_history_is_clean() -> None:
    verdict = _judge(
        [*_begin(1, 1), *_got(1, 2, 3), _record("end", 1, 1006), *_begin(2, 3), *_got(2, 4, 5, 6), _record("end", 2)]
    )
    assert verdict.is_clean, verdict
    assert (verdict.deliveries, verdict.connections, verdict.ends[1006]) == (5, 2, 1)


def test_what_comes_again_on_another_connection_is_no_repeat() -> None:
    assert _judge([*_begin(1, 0), *_got(1, 1, 2, 3, 4), *_begin(2, 2), *_got(2, 3, 4, 5, 6)]).is_clean


HISTORIES = {
    "lost": [*_begin(1, 0), *_got(1, 1, 2, 3, 4, 5)],
    "repeated": [*_begin(1, 0), *_got(1, 1, 2, 3, 3, 4, 5, 6)],
    "hole": [*_begin(1, 0), *_got(1, 1, 2, 4, 5, 6), *_begin(2, 2), *_got(2, 3, 4, 5, 6)],
    "wrong epoch": [*_begin(1, 0), *_got(1, 1, 2, 3, 4, 5, 6), _record("event", 1, 7, "w7", "f")],
    "never stored": [*_begin(1, 0), *_got(1, 1, 2, 3, 4, 5, 6, 7)],
    "changed": [*_begin(1, 0), *_got(1, 1, 2, 3, 4, 5), _record("event", 1, 6, "other")],
    "unasked": [_record("open", 1), *_got(1, 1), *_begin(2, 0), *_got(2, 1, 2, 3, 4, 5, 6)],
    "void position": [*_begin(1, 0), *_got(1, 1), _record("resync", 1, 6), _record("snapshot", 1, 6)],
}


@pytest.mark.parametrize("fault", HISTORIES)
def test_a_fault_of_delivery_is_found(fault: str) -> None:
    verdict = _judge(HISTORIES[fault])
    assert verdict.faults[fault] >= 1
    # Of another epoch there are no rows here.
    assert set(verdict.faults) <= {fault, "never stored"}
    assert fault in str(verdict)


def test_disorder_is_found_on_both_sides() -> None:
    verdict = _judge([*_begin(1, 0), *_got(1, 1, 3, 2, 4, 5, 6)])
    assert verdict.faults["hole"] == verdict.faults["repeated"] == 1


def test_an_event_of_a_connection_that_ended_is_unasked() -> None:
    verdict = _judge([*_begin(1, 0), *_got(1, 1, 2, 3, 4, 5), _record("end", 1, 1006), *_got(1, 6)])
    assert verdict.faults["unasked"] == 1


def test_a_snapshot_stands_for_the_events_before_it() -> None:
    history = [*_begin(1, 0), *_got(1, 1), _record("resync", 1, 4), _record("snapshot", 1, 4), *_begin(2, 4)]
    assert _judge([*history, *_got(2, 5, 6)], may_resync=True).is_clean
    assert _judge([*history, *_got(2, 5)], may_resync=True).faults["lost"] == 1


def test_nothing_may_come_after_a_withdrawal() -> None:
    cut = [*_begin(1, 0), *_got(1, 1, 2), _record("event", 1, 3), _record("withdrawn", 1)]
    assert _judge(cut, GUARDED[:4]).is_clean
    leak = [*_begin(1, 0), *_got(1, 1, 2), _record("event", 1, 3), *_got(1, 4)]
    assert _judge(leak, GUARDED[:4]).faults == {"after withdrawal": 1}


def test_who_is_let_in_again_is_owed_what_comes_from_then_on() -> None:
    away = [*_begin(1, 0), *_got(1, 1, 2), _record("event", 1, 3), _record("withdrawn", 1)]
    back = [*away, *_begin(2, 5), _record("snapshot", 2, 5), _record("follow", 2, 5)]
    assert _judge([*back, *_got(2, 6)], GUARDED).is_clean
    assert _judge(back, GUARDED).faults == {"lost": 1}


def test_withdrawals_of_others_change_nothing() -> None:
    verdict = Reader("c", log_of(GUARDED), principals=["8"]).read([*_begin(1, 0), *_got(1, 1, 2)])
    assert verdict.faults["lost"] == 4


WRITES = {
    "unsaved": (ROWS, [Ack("w9", "hall:1")]),
    "misplaced": (ROWS, [Ack("w2", "hall:1", "e", 3)]),
    "written twice": ([*ROWS, Row("hall:1", "e", 7, "w1")], []),
    "broken log": ([row for row in ROWS if row.offset != 3], []),
}


@pytest.mark.parametrize("fault", WRITES)
def test_a_fault_of_writing_is_found(fault: str) -> None:
    rows, told = WRITES[fault]
    verdict = Verdict()
    check_writes(log_of(rows), told, verdict)
    assert verdict.faults == {fault: 1}


def test_good_writes_are_clean_and_a_log_may_begin_after_its_floor() -> None:
    verdict = Verdict()
    check_writes(log_of(ROWS[2:]), [Ack("w3", "hall:1", "e", 3), Ack("w4", "hall:1")], verdict)
    assert verdict.is_clean


def test_every_fault_has_a_history() -> None:
    assert {*HISTORIES, *WRITES, "after withdrawal"} == set(FAULTS)


def test_files_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "c")
    for record in HISTORIES["lost"]:
        sheet.add(record)
    sheet.close()
    assert list(records(tmp_path / "c")) == HISTORIES["lost"]
    writer = Sheet(tmp_path / "w")
    writer.add(Ack("w1", "hall:1", "e", 1))
    writer.close()
    with (tmp_path / "w").open("ab") as cut_short:
        cut_short.write(b'["w2","hal')
    assert acks([tmp_path / "w", tmp_path / "missing"]) == [Ack("w1", "hall:1", "e", 1)]
