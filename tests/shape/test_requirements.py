"""Every numbered requirement has a test or a recorded refusal; those of finished work have one now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import covers as count
from tools import write_reference

# What the first milestone, "a notification rings", promises to show. Later milestones add theirs.
FIRST_RING = (
    [f"000-{n:02}" for n in (2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 22, 24, 28, 29, 36, 40, 41, 45)]
    + [f"001-{n:02}" for n in (4, 15, 30, 39)]
    + [f"003-{n:02}" for n in (11, 12, 13, 14, 15, 76, 90)]
    + [f"004-{n:02}" for n in (9, 10, 11, *range(24, 38), 42, 43, 44, 45, 47)]
)
# The second, "the whole bell": source 000, and what source 001 says of notifications.
WHOLE_BELL = [f"000-{n:02}" for n in range(1, 47)] + [f"001-{n:02}" for n in (4, 5, *range(10, 18), *range(21, 33))]
# What of it stands on a feature that is not there yet, and comes with it.
COMES_WITH = {
    "matching": ("004-21", "004-22"),
}
# The third, the chat: source 002, and what source 004 says of conversations and of the sockets themselves.
CHAT = [f"002-{n:02}" for n in range(1, 36)] + [f"004-{n:02}" for n in range(1, 50)]
MILESTONES = {"first ring": FIRST_RING, "whole bell": WHOLE_BELL, "chat": CHAT}


@pytest.mark.parametrize("milestone", MILESTONES)
def test_every_requirement_of_a_milestone_has_a_test_or_a_recorded_refusal(milestone: str) -> None:
    covered = count.scan()
    listed = count.requirements()
    later = {number for numbers in COMES_WITH.values() for number in numbers}
    wanted = [number for number in MILESTONES[milestone] if number not in later]
    missing = [f"{n} {listed[n].asks}" for n in wanted if n not in covered and not listed[n].refused]
    total = f"{len(covered)} of {len(listed)} requirements have a test: {count.by_source(covered)}"
    print(total)
    assert not missing, f"{total}; without a test:\n" + "\n".join(missing)


def test_what_comes_later_has_no_test_yet() -> None:
    covered = count.scan()
    assert not [number for numbers in COMES_WITH.values() for number in numbers if number in covered]


def test_marks_name_only_requirements_that_exist_and_are_not_refused() -> None:
    listed = count.requirements()
    covered = count.scan()
    assert not {number: covered[number] for number in covered if number not in listed}
    assert not [number for number in covered if listed[number].refused]


def test_the_list_holds_the_five_sources_whole() -> None:
    assert count.by_source(count.requirements()) == {"000": 46, "001": 41, "002": 35, "003": 90, "004": 52}


def test_the_page_of_requirements_is_up_to_date() -> None:
    page = write_reference.ROOT / write_reference.REQUIREMENTS_PAGE
    assert page.read_text(encoding="utf-8") == write_reference.requirements_page(), "run make docs"


def test_a_mark_with_a_wrong_number_is_refused() -> None:
    with pytest.raises(ValueError, match="look like 000-17"):
        count.covers("0-17")


def test_the_scan_reads_marks_and_not_mentions(tmp_path: Path) -> None:
    tests = tmp_path / "tests" / "features"
    tests.mkdir(parents=True)
    (tests / "test_some.py").write_text(
        "# covers('000-01')\n"
        "from tests.support.covers import covers\n"
        "@covers('000-02', '000-03')\n"
        "def test_one():\n    '''000-04 and covers(\"000-05\")'''\n"
    )
    scripts = tmp_path / "packages" / "client" / "test"
    scripts.mkdir(parents=True)
    (scripts / "socket.test.ts").write_text('test("backs off, covers(\\"004-34\\", \\"004-35\\")", () => {});\n')
    assert count.scan(tmp_path) == {
        "000-02": ["tests/features/test_some.py::test_one"],
        "000-03": ["tests/features/test_some.py::test_one"],
        "004-34": ["packages/client/test/socket.test.ts"],
        "004-35": ["packages/client/test/socket.test.ts"],
    }
