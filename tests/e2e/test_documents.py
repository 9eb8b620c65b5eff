"""What the documents print of their front end runs in a browser as it is printed, but for host and credentials."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.limited import WIDE, environment
from tests.support.browser import run_beside_restarts
from tests.support.covers import covers
from tests.support.server import CARILLON, Server
from tests.support.tree import ROOT

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

SNIPPET = ROOT / "tests" / "e2e" / "documents" / "src" / "components" / "Snippet.ts"
PRINTED_FILES = (
    "services/notifications.ts",
    "hooks/useNotifications.ts",
    "hooks/useWebSocket.ts",
    "components/Notifications.tsx",
    "components/NotificationBadge.tsx",
    *(f"apps/{role}/pages/Notifications.tsx" for role in ("mentee", "mentor")),
    *(
        f"apps/{role}/components/notifications/Notification{part}.tsx"
        for role in ("mentee", "mentor")
        for part in ("Header", "List")
    ),
)


@covers("000-23", "000-25", "000-26", "000-27", "000-28", "000-29", "000-30", "000-31", "000-32")
@covers("001-05", "001-28", "001-29", "001-30", "001-31", "001-32")
def test_the_front_end_of_the_documents_runs_as_printed(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(**environment(**WIDE)).start()
    people = {"token": server.login("alice"), "ringer": server.login("bruno")}
    process = {"carillon": str(CARILLON), "environment": server.environment}
    seen = run_beside_restarts("documents", server, tmp_path / "restart", **people, **process)

    assert seen["said"] == ['{"type":"mark_read","notification_id":"123"}'], "what the snippet sends, and nothing else"
    assert set(seen["logged"]) == {"id", "type", "title", "message", "is_read", "created_at"}
    assert seen["logged"]["id"] == seen["first"]
    assert seen["burst"] == [f"Rafale {number}" for number in range(50)]
    assert seen["marked"]["is_read"] is True
    assert seen["flat"]["one"]["is_read"] is True
    assert len(set(seen["flat"]["counts"])) == 1
    assert seen["frame"] == {"type": "unread_count", "unread_count": seen["flat"]["counts"][0]}
    assert seen["roles"] == {"mentor": "Notifications", "mentee": "Notifications"}
    # Ten seconds of grace, then one request in each half minute, then none.
    assert seen["polls"] == {"first": 1, "away": [1, 1, 1], "live": 0}
    assert seen["trouble"] == []


def test_every_file_that_the_documents_name_is_there() -> None:
    sources = SNIPPET.parents[1]
    assert [name for name in PRINTED_FILES if not (sources / name).is_file()] == []
    for path in sources.rglob("*.ts*"):
        assert re.match(r"// \S", path.read_text(encoding="utf-8")), f"{path.name} says where it comes from"
