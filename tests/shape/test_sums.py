"""The closing line of a whole run: what failed is counted, and who passed only at the second try is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import sum_tests

_FAILED = '<failure message="late"/>'


def _report(path: Path, **cases: str) -> None:
    inner = "".join(
        f'<testcase classname="tests.e2e" name="{name}">{inside}</testcase>' for name, inside in cases.items()
    )
    failures = sum("failure" in inside for inside in cases.values())
    errors = sum("<error" in inside for inside in cases.values())
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0"'
    path.write_text(f"<testsuites><testsuite {counts}>{inner}</testsuite></testsuites>")


def test_all_that_passes_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _report(tmp_path / "parallel.xml", one="", two="")
    _report(tmp_path / "serial.xml", three="")
    assert sum_tests.main(tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "total: 3 passed, 0 failed"


def test_who_passes_when_run_again_is_named_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _report(tmp_path / "serial.xml", slow=f"{_FAILED}<error/>", fine="")
    _report(tmp_path / "serial.again.xml", slow="")
    assert sum_tests.main(tmp_path) == 0
    told = capsys.readouterr().out
    assert "passed only when it was run again, alone: tests.e2e::slow" in told
    assert told.splitlines()[-1] == "total: 2 passed, 0 failed"


@pytest.mark.parametrize("second", [{"slow": _FAILED}, {"other": ""}, {}])
def test_who_fails_again_or_is_not_run_again_has_failed(
    second: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _report(tmp_path / "serial.xml", slow=_FAILED, fine="")
    if second:
        _report(tmp_path / "serial.again.xml", **second)
    assert sum_tests.main(tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "total: 1 passed, 1 failed"


def test_three_are_no_accident(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _report(tmp_path / "serial.xml", one=_FAILED, two=_FAILED, three=_FAILED)
    _report(tmp_path / "serial.again.xml", one="", two="", three="")
    assert sum_tests.main(tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "total: 0 passed, 3 failed"


def test_a_failure_of_another_part_stays_one(tmp_path: Path) -> None:
    _report(tmp_path / "parallel.xml", one=_FAILED)
    _report(tmp_path / "serial.again.xml", one="")
    assert sum_tests.main(tmp_path) == 1


def test_nothing_is_a_failure(tmp_path: Path) -> None:
    assert sum_tests.main(tmp_path) == 1
