"""Adds up the JUnit reports of one folder and prints the closing line of the whole test run.

Beside `serial.xml` there may be `serial.again.xml`: those that failed, run once more. Who passed there is named, and counts as passed,
unless more failed than chance explains.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

MOST_MENDED = 2
COUNTS = ("tests", "failures", "errors", "skipped")


def read(report: Path) -> dict[str, int]:
    """Return the counts of one report; a nested report counts its suites once."""
    root = ElementTree.parse(report).getroot()  # noqa: S314 - written by our own test runs a moment ago
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    return {name: sum(int(suite.get(name, 0)) for suite in suites) for name in COUNTS}


def not_run(report: Path) -> list[str]:
    """Return what did not run, each with its reason."""
    root = ElementTree.parse(report).getroot()  # noqa: S314 - written by our own test runs a moment ago
    cases = ((case, case.find("skipped")) for case in root.iter("testcase"))
    return [f"not run: {case.get('name')}: {why.get('message')}" for case, why in cases if why is not None]


def faults(report: Path) -> Counter[str]:
    """How often each test of a report failed, at its call or around it; a test that passed counts 0."""
    root = ElementTree.parse(report).getroot()  # noqa: S314 - written by our own test runs a moment ago
    found: Counter[str] = Counter()
    for case in root.iter("testcase"):
        found[f"{case.get('classname')}::{case.get('name')}"] += len([*case.iter("failure"), *case.iter("error")])
    return found


def mended(report: Path) -> Counter[str]:
    """Of those that failed in a report, the ones that passed when they were run again; none where more than `MOST_MENDED` failed."""
    again = report.with_suffix(".again.xml")
    first = +faults(report)
    if not again.exists() or len(first) > MOST_MENDED:
        return Counter()
    second = faults(again)
    return Counter({name: n for name, n in first.items() if name in second and not second[name]})


def main(folder: Path) -> int:
    """Print one line per report and the sum; return 1 when something failed or no test ran."""
    passed = failed = skipped = 0
    for report in sorted(set(folder.glob("*.xml")) - set(folder.glob("*.again.xml"))):
        counts, second = read(report), mended(report)
        print(*not_run(report), sep="\n", end="\n" * bool(counts["skipped"]))
        print(
            *(f"passed only when it was run again, alone: {name}" for name in second), sep="\n", end="\n" * bool(second)
        )
        wrong = counts["failures"] + counts["errors"] - second.total()
        print(f"{report.stem:12} {counts['tests']:5} tests, {wrong} failed")
        failed, skipped = failed + wrong, skipped + counts["skipped"]
        passed += counts["tests"] - wrong - counts["skipped"]
    told = f", {skipped} skipped" if skipped else ""
    print(f"total: {passed} passed, {failed} failed{told}")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
