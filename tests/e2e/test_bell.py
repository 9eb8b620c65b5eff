"""The first ring in a real browser, over a real server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.support.browser import run_scenario
from tests.support.covers import covers
from tests.support.server import CARILLON, Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]


@covers("000-36", "000-40", "000-12", "003-11", "003-13")
def test_a_notification_rings_in_every_tab(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min").start()
    seen = run_scenario("bell", server.url, carillon=str(CARILLON), environment=server.environment, pictures=tmp_path)
    assert median(seen["delays"]) <= 250, "milliseconds from the answer to the badge, within the server"
    assert seen["fromShell"] <= 6000, "milliseconds from another process, by the sweep"
    assert seen["title"].startswith(f"({seen['before'] + 6})")
    assert seen["afterOpening"] == seen["before"] + 6, "opening marks seen, not read"
    assert seen["address"] == "/ring"
    assert seen["foreign"] == [], "nothing comes from another origin"
    assert seen["trouble"] == []
    with sqlite3.connect(server.folder / "carillon.sqlite3") as database:
        assert database.execute("SELECT unseen FROM carillon_notifications_inbox WHERE user_id = 1").fetchone() == (0,)


@covers("000-45")
def test_states_are_accessible_and_the_language_can_be_changed(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = make_server(LOGIN_RATE="1000/min").start()
    server.carillon(
        "shell",
        "-c",
        "from django.contrib.auth import get_user_model as m\n"
        "from carillon.notifications.models import Notification as N\n"
        "u = m().objects.get(username='bruno')\n"
        "N.objects.bulk_create(N(user=u, title=f'Notification {n}', message='…', type='message') for n in range(500))\n",
    )
    seen = run_scenario("states", server.url, pictures=tmp_path, seconds=200)
    assert {state: problems for state, problems in seen["axe"].items() if problems} == {}
    assert set(seen["axe"]) == {"login", "panel", "page", "empty", "error", "many"}
    assert seen["covered"] == [], "floating actions leave what a row says free"
    assert seen["languages"] == ["fr", "en"]
    assert "Alice Fontaine says hello" in seen["newText"]
