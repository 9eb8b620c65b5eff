"""Scrolling in a real browser: 100,000 messages in one conversation, 500 conversations in a list.

`python -m bench.scrolling` prints the table, in about a minute. The browser's own trace says what its main thread did.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.numbers import short
from tests.support.large_chat import scroll_large_chat
from tests.support.server import Server

PIXELS = 60_000
HEADS = (
    "",
    "frames",
    "p50, ms",
    "p99, ms",
    "late, %",
    "work a frame, ms",
    "longest task, ms",
    "script",
    "layout",
    "paint",
)
Line = tuple[str, ...]

_WAYS = {
    "scroll": "up through the messages, 90 pixels a frame",
    "back": "down again",
    "list": "down the list of conversations, 180 pixels a frame",
}


def measure(pixels: int = PIXELS) -> list[Line]:
    """The rows of the table under HEADS; a frame is late that came more than 17.5 ms after the one before it."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server", LOGIN_RATE="1000/min", BRAKE_PER_MINUTE="0").prepare()
        try:
            seen = scroll_large_chat(server, pixels, Path(folder))
        finally:
            server.kill()
    return [_line(what, seen[way]) for way, what in _WAYS.items()]


def _line(what: str, frames: dict[str, Any]) -> Line:
    trace = frames["trace"]
    each = [trace[name] for name in ("processor", "script", "layout", "paint")]
    work, *parts = (short(time / frames["frames"]) for time in each)
    times = (f"{frames[figure]:.1f}" for figure in ("p50", "p99", "percentOver16"))
    return (what, str(frames["frames"]), *times, work, str(trace["longest"]), *parts)


if __name__ == "__main__":
    for row in [HEADS, tuple("---" for _ in HEADS), *measure()]:
        sys.stdout.write(f"| {' | '.join(row)} |\n")
