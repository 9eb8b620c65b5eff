"""A hundred thousand messages and five hundred conversations, in a real browser: quick, light, and nothing moves by itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.support.large_chat import scroll_large_chat
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

# By hand, on a quiet machine: further, for better figures, which large_chat.json then holds.
PIXELS = int(os.environ.get("CARILLON_CHAT_PIXELS", "12000"))


def test_a_long_thread_and_a_long_list_stay_quick(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min", BRAKE_PER_MINUTE="0")
    seen = scroll_large_chat(server, PIXELS, tmp_path)
    (tmp_path / "large_chat.json").write_text(json.dumps(seen, indent=1))
    assert seen["trouble"] == []
    assert 116 <= seen["divider"] <= 716, "it opens where the reader has not read on"
    for when in ("before", "after", "atEnd"):
        assert seen[when]["messages"] < 400, f"{when}: only what is near the view is in the page"
        assert seen[when]["megabytes"] < 150
    assert seen["atEnd"]["lines"] > 400

    assert seen["stood"] == seen["stands"], "the reader stays where they were while twenty messages arrive"
    moved = {name for shift in seen["shifts"] for name in shift["moved"]}
    assert moved <= {"carillon-jump", "carillon-badge", "carillon-message-tools"}, "what has been read does not move"

    # By the thread's own time, whatever else keeps the machine busy: less than 10 ms a frame. How many frames came in time is
    # measured where nothing else runs (bench/scrolling.py).
    for what in ("scroll", "back", "list"):
        assert 0 < seen[what]["trace"]["processor"] < 40 * seen[what]["frames"], f"milliseconds of work: {what}"
    for what, times in seen["painted"].items():
        assert times, what
        assert median(times) < 1000, f"milliseconds until {what} is painted: {times}"
