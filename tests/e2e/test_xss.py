"""Vectors of our own making, as names, titles, messages and quotes, in a real browser: they are text everywhere, and run nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import ROOT, run_scenario
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

VECTORS = ROOT / "packages" / "client" / "tests" / "support" / "xss_vectors.json"
PLANTING = Path(__file__).with_name("planting.py")


def test_nothing_that_people_write_runs(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min", VECTORS=str(VECTORS))
    printed = server.carillon("shell", "-v0", "-c", PLANTING.read_text(), seconds=120)
    planted = json.loads(printed.split("PLANTED ")[1])
    server.start()
    seen = run_scenario("xss", server.url, seconds=200, pictures=tmp_path, vectors=str(VECTORS), **planted)
    (tmp_path / "xss.json").write_text(json.dumps(seen, indent=1))
    vectors = json.loads(VECTORS.read_text())
    assert seen["count"] == len(vectors) >= 150
    assert seen["trouble"] == seen["dialogs"] == seen["requests"] == []
    assert len(seen["pages"]) >= 20
    for page, found in seen["pages"].items():
        assert found == {"intruders": [], "ran": False, "strange": []}, page

    # As text: names and titles to the letter, messages but for what Markdown makes of its own marks.
    absent = seen["absent"]
    said = absent.pop("messages")
    assert absent == {place: [] for place in ("names", "authors", "members", "people", "admin")}
    marked = {_plain(each["text"]) for each in vectors if each["where"] == "markdown"}
    assert [text for text in said if not (text in marked or "`" in text or text.count("__") > 1)] == []
    assert len(said) < 30
    assert len(seen["quotes"]) >= 140, "some of them say the same without their marks"
    assert sum("xss=1" in row for row in seen["rung"]) >= 10, "the bell told of them"


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
