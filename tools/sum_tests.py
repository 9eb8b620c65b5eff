"""Adds up the JUnit reports of one folder and prints the closing line of the whole test run."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

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


def main(folder: Path) -> int:
    """Print one line per report and the sum; return 1 when something failed or no test ran."""
    total = dict.fromkeys(COUNTS, 0)
    for report in sorted(folder.glob("*.xml")):
        counts = read(report)
        print(*not_run(report), sep="\n", end="\n" * bool(counts["skipped"]))
        total = {name: total[name] + counts[name] for name in COUNTS}
        print(f"{report.stem:12} {counts['tests']:5} tests, {counts['failures'] + counts['errors']} failed")
    failed = total["failures"] + total["errors"]
    passed = total["tests"] - failed - total["skipped"]
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"total: {passed} passed, {failed} failed{skipped}")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
