"""Measures Carillon beside its peers in one run, on the product's real endpoint: ratios, not records.

`python -m bench` runs everything; `python -m bench fan --servers ours,limit --sockets 1000 --rounds 3` one part.
bench/README.md says what each part does and how to read it.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys

from bench import one_part, programs, whole


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=["all", "report", *one_part.PARTS])
    parser.add_argument(
        "--write", action="store_true", help="keep the figures, and write docs/performance.md and its charts"
    )
    parser.add_argument("--quick", action="store_true", help="short rounds and fewer sockets: does it run? (3 minutes)")
    parser.add_argument("--notify", action="store_true", help="only what notify() costs, in one and a half minutes")
    parser.add_argument(
        "--profile", action="store_true", help="where the time goes, into bench/results/<date>-profile.md"
    )
    parser.add_argument("--servers", default="", help="of one part: names with commas, of bench/peers.py")
    parser.add_argument("--sockets", type=int, default=1000, help="of one part")
    parser.add_argument("--rounds", type=int, default=3, help="of one part")
    parser.add_argument("--windows", default="1,4", help="of one part: events in flight, with commas")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one part: how long a round is")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and with --write keep."""
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    given = arguments()
    programs.build()
    if given.part in one_part.PARTS:
        return one_part.run(given)
    return whole.run(given)


if __name__ == "__main__":
    sys.exit(main())
