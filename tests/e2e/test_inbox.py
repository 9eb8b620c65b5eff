"""The inbox for real life, in a real browser: buttons, offline, filters, archive, undo and groups in both languages; hosts' styles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import run_scenario
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_day_with_the_inbox(make_server: Callable[..., Server], tmp_path: Path, language: str) -> None:
    server = make_server(LOGIN_RATE="1000/min").start()
    token = server.login("alice")
    assert server.request("PATCH", "/api/v1/me/", {"language": language}, token=token).status == 200
    seen = run_scenario("inbox", server.url, pictures=tmp_path, language=language)
    assert seen["trouble"] == []
    assert seen["tabs"] == {"here": seen["moved"], "there": seen["moved"]}, "pressed in one tab, told in the other"
    assert seen["focus"] == seen["moved"], "the keyboard stays where the button was"
    [told] = server.request("GET", "/api/v1/notifications/?kind=demo.session_moved", token=server.login("bruno")).json[
        "results"
    ]
    assert told["actor"]["name"] == "Alice Fontaine"
    assert seen["icons"] == ["favicon-dot.svg", "favicon.svg", "favicon-dot.svg"], "unread, all read, taken back"
    assert seen["titles"][0].startswith(f"({seen['unread']}) ") and not seen["titles"][1].startswith("(")
    assert seen["unreadRows"] == seen["unread"] == seen["boxCount"], "counted once"
    assert seen["group"] == 3
    assert seen["found"] == 4, "the three of the group, and the mention"
    assert seen["ghosts"] == {"moving": 1, "calm": 0}, "a row that leaves fades, unless less motion is wanted"
    assert seen["archived"] == [seen["first"]] and seen["undone"] == seen["first"]
    assert seen["offline"]["line"] and seen["offline"]["pending"], "told quietly, and kept"
    assert seen["settled"], "sent by itself"


def test_hosts_resets_change_nothing(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min").start()
    seen = run_scenario("resets", server.url, pictures=tmp_path)
    for what in ("bell", "chat"):
        changed = seen[what]["changed"]
        assert seen[what]["elements"] > 1000
        assert set(changed) == {"preflight first", "preflight last", "reboot first", "reboot last"}
        assert {place: lines for place, lines in changed.items() if lines} == {}
