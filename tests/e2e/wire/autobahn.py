"""Autobahn's fuzzing client against our sockets; `make autobahn` runs all that it has but compression, which is off.

The suite is of Python 2.7. Where that is absent nothing can be run, and `unavailable` says so.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.limited import environment
from tests.e2e.wire.echo import PATH
from tests.support.server import Server

RELEASE = "autobahntestsuite==25.10.1"
# 9: large messages, which take minutes; 12 and 13: compression, which we do not offer.
LARGE, COMPRESSION = ("9.*",), ("12.*", "13.*")
# Made once, beside the packages that run it.
HOME = Path(sys.prefix) / "autobahn"
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"}


class Unavailable(Exception):
    """The suite cannot be run here; says why."""


@dataclass(frozen=True)
class Outcome:
    """What the suite said of each case, and of how it was closed."""

    behaviour: dict[str, str] = field(default_factory=dict)
    closing: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> dict[str, tuple[str, str]]:
        """The cases that are not as RFC 6455 wants them."""
        both = {case: (self.behaviour[case], self.closing[case]) for case in self.behaviour}
        return {case: told for case, told in both.items() if not set(told) <= GOOD}

    def of(self, *kinds: str) -> list[str]:
        """The cases of which it said this."""
        return [case for case, told in self.behaviour.items() if told in kinds]

    def __str__(self) -> str:
        lines = [f"{len(self.behaviour)} cases: {_counted(self.behaviour)}; closing: {_counted(self.closing)}"]
        lines += [f"{kind}: {', '.join(self.of(kind))}" for kind in sorted(GOOD - {"OK"}) if self.of(kind)]
        return "\n".join([*lines, *(f"FAILED {case}: {told}" for case, told in self.failed.items())])


class Echo(Server):
    """The server with an echo."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.e2e.wire.echo", str(self.port)]

    @property
    def echo_url(self) -> str:
        """Where it is."""
        return f"ws://127.0.0.1:{self.port}{PATH}"


@contextmanager
def echoing(folder: Path, path: str, **limits: int) -> Iterator[Echo]:
    """Such a server, on one path of sending."""
    server = Echo(folder, CARILLON_SOCKETS=path, **environment(**limits)).prepare()
    server.start()
    try:
        yield server
    finally:
        server.kill()


def install() -> str:
    """Make sure that the suite is there, and return the Python that runs it; raises Unavailable where there is none."""
    python = _python2()
    if python is None:
        raise Unavailable("Python 2.7 is absent, and Autobahn's fuzzing client is written in it")
    if not HOME.is_dir():
        # Beside its place first: a half of it is not taken for the whole.
        with tempfile.TemporaryDirectory(dir=HOME.parent, prefix="autobahn-") as folder:
            pip = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--target",
                folder,
                RELEASE,
            ]
            done = subprocess.run(pip, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"{RELEASE} cannot be installed: {' '.join(done.stderr.split())[-200:]}")
            os.rename(folder, HOME)
            os.mkdir(folder)
    return python


def run(url: str, *, leaving_out: tuple[str, ...] = (*LARGE, *COMPRESSION), seconds: float = 100) -> Outcome:
    """Let the suite talk to the echo at this address; raises Unavailable where it is not there."""
    python = install()
    with tempfile.TemporaryDirectory() as folder:
        plan = {
            "outdir": f"{folder}/reports",
            "servers": [{"agent": "carillon", "url": url}],
            "cases": ["*"],
            "exclude-cases": list(leaving_out),
            "exclude-agent-cases": {},
        }
        Path(folder, "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        command = [python, "-c", _START, "-m", "fuzzingclient", "-s", f"{folder}/plan.json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
        report = Path(folder, "reports", "index.json")
        if not report.exists():
            raise AssertionError(
                f"the suite ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        told = json.loads(report.read_text(encoding="utf-8"))["carillon"]
    return Outcome(
        {case: each["behavior"] for case, each in told.items()},
        {case: each["behaviorClose"] for case, each in told.items()},
    )


# Namespace packages of that age are only found in what counts as a folder of installed packages.
_START = f"import site; site.addsitedir({str(HOME)!r}); from autobahntestsuite.wstest import run; run()"


def _python2() -> str | None:
    named = [os.environ.get("CARILLON_TEST_PYTHON2", ""), shutil.which("python2.7") or ""]
    managed = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/2.7.*/bin/python2.7")))
    return next((python for python in (*named, *managed) if python and _starts(python)), None)


def _starts(python: str) -> bool:
    # A version manager's shim is there without its version, too.
    return subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def _counted(told: dict[str, str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(told.values()).most_common())


def main() -> int:
    """Run all but compression on both paths, print what was said, and return 1 when a case failed."""
    failed = 0
    for path in ("direct", "asgi"):
        with tempfile.TemporaryDirectory() as folder, echoing(Path(folder), path, FRAME_BYTES=17_000_000) as server:
            try:
                outcome = run(server.echo_url, leaving_out=COMPRESSION, seconds=900)
            except Unavailable as why:
                print(f"not run: {why}")
                return 1
        print(f"{path}: {outcome}")
        failed += len(outcome.failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
