"""The bench's own arithmetic: figures, verdicts, the page and its charts; and its C programs compile without a warning."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.parsers import expat

import pytest

from bench import chart, page, peers, reasons
from bench.goals import GOALS, Found, Goal
from bench.numbers import Spread, per_cpu, quantile, ratio, short
from bench.parts.rows import Row
from bench.stored import Stored
from tests.support import tree


def _row(part: str, server: str, *each: float, case: str = "broadcast, 4 in flight") -> Row:
    return Row(part, server, case, [{"per_cpu": figure} for figure in each])


def _run(*rows: Row) -> page.Run:
    return page.Run(
        "2026-11-21", [("processor", "one")], (100, 1000, 5000), list(rows), {"node": "not installed: npm:ws"}
    )


def test_quantiles_are_samples() -> None:
    samples = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [quantile(samples, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 3.0, 5.0, 5.0]
    with pytest.raises(ValueError, match="no samples"):
        quantile([], 0.5)


def test_a_spread_is_the_median_between_the_extremes() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert str(Spread.of([100.0])) == "100"


def test_ratios_are_taken_round_by_round() -> None:
    # The machine was half as fast in the second round, for both.
    assert ratio([100.0, 50.0, 90.0], [10.0, 5.0, 10.0]) == 10.0


def test_deliveries_are_counted_by_processor_time() -> None:
    assert per_cpu({"deliveries": 3000, "cpu": 1.5, "wall": 9.0}) == 2000


@pytest.mark.parametrize(
    ("figure", "text"), [(1_657_000, "1,657 k"), (4720, "4.7 k"), (266, "266"), (12.34, "12.3"), (0.451, "0.45")]
)
def test_figures_are_short(figure: float, text: str) -> None:
    assert short(figure) == text


def test_a_goal_compares_each_server_in_the_way_that_suits_it_best() -> None:
    rows = [
        _row("many", "ours", 100.0, 110.0),
        _row("many", "ours", 900.0, 900.0, case="publish, 4 in flight"),
        _row("many", "stock", 1.0, 1.0),
        _row("many", "stock", 2.0, 2.2, case="broadcast, 1 in flight"),
    ]
    assert Found(rows, Stored()).times("many", "ours", "stock", "broadcast") == 50.0


def test_a_goal_is_reached_missed_or_not_measured() -> None:
    found = Found([], Stored())
    for bound, at_most, verdict in (
        (2.0, False, "reached"),
        (3.5, False, "missed"),
        (2.0, True, "missed"),
        (3.0, True, "reached"),
    ):
        assert Goal("", "", "", bound, lambda _: 3.0, at_most=at_most).verdict(found) == (verdict, 3.0)
    assert Goal("", "", "", 1.0, lambda _: None).verdict(found) == ("not measured", None)


def test_every_goal_can_be_asked_of_a_run_without_figures() -> None:
    assert {goal.verdict(Found([], Stored()))[0] for goal in GOALS} == {"not measured"}


def test_reasons_belong_to_goals() -> None:
    keys = [goal.key for goal in GOALS]
    assert len(keys) == len(set(keys))
    assert not reasons.REASONS.keys() - set(keys)


def test_the_page_names_what_is_missed_and_who_was_absent() -> None:
    text = "\n".join(page.lines_of(_run(_row("many", "ours", 70.0), _row("many", "limit", 100.0))))
    assert "| fan-out to 1,000 | of the C loop | ≥ 0.78 × | 0.70 × | **missed**" in text
    assert f"- {peers.PEERS['node'].title}: not installed: npm:ws" in text


def test_a_run_that_was_kept_is_the_same_run() -> None:
    run = _run(_row("many", "ours", 1.0))
    run.stored.work.append(("SQLite", "10,000 people at once", "1 s", "2 s", "2.00", ""))
    assert page.Run.from_json(run.to_json()) == run


def test_charts_are_xml() -> None:
    curve = [
        Row("cost by subscribers", name, "", [{"x": x, "us": 5, "ms": x / 10}])
        for name in ("ours", "limit")
        for x in (10, 500)
    ]
    drawn = page.pictures(_run(_row("many", "ours", 70.0), _row("many", "stock", 2.0), *curve))
    assert drawn.keys() == {"fan-out.svg", "by-subscribers.svg"}
    for text in [*drawn.values(), chart.bars("<&>", [("a & b", 1.0, "<1>", True)])]:
        expat.ParserCreate().Parse(text, True)


@pytest.mark.parametrize("sources", ["limit.c", "generator/*.c"])
def test_the_c_programs_compile_without_a_warning(sources: str, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    files = sorted((tree.ROOT / "bench").glob(sources))
    assert files
    if compiler:
        # Without one the load generator is the Python one, and the limit is left out.
        command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", tmp_path / "program", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_c_programs_stay_small() -> None:
    files = [*(tree.ROOT / "bench").glob("*.c"), *(tree.ROOT / "bench" / "generator").iterdir()]
    assert not [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 300]
