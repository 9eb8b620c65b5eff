"""Where a server's processor time goes: a stack each millisecond of CPU, written when asked as lines "count stack"."""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import cache
from pathlib import Path
from types import FrameType

EVERY, DEPTH = 0.001, 40
_stacks: Counter[str] = Counter()


def start_if_asked() -> None:
    """Sample this process from now on where BENCH_PROFILE names a file; SIGUSR2 writes what there is and begins anew."""
    target = os.environ.get("BENCH_PROFILE")
    if target:
        signal.signal(signal.SIGPROF, _sample)
        signal.signal(signal.SIGUSR2, lambda *_: _write(Path(target)))
        # A slow system call may not fail because of a sample.
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)


def _sample(number: int, frame: FrameType | None) -> None:
    names = []
    while frame is not None and len(names) < DEPTH:
        code = frame.f_code
        names.append(f"{_short(code.co_filename)}:{code.co_qualname}")
        frame = frame.f_back
    _stacks[";".join(reversed(names))] += 1


@cache
def _short(name: str) -> str:
    return "/".join(Path(name).parts[-2:])


def _write(target: Path) -> None:
    lines = [f"{count} {stack}\n" for stack, count in _stacks.most_common()]
    _stacks.clear()
    # The last line tells a reader that it is whole.
    target.write_text("".join([*lines, "end\n"]), encoding="utf-8")
