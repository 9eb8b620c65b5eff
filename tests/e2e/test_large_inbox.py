"""Ten thousand notifications in the centre, in a real browser: quick, light, and nothing moves by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.support.browser import run_scenario
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.alone, pytest.mark.timeout(240)]

# Announced long ago: the rows and the counters as they stand then, in a few statements.
FILL = """
import datetime as dt
from django.contrib.auth import get_user_model
from django.utils import timezone
from carillon.notifications.models import Inbox, Notification
user, now = get_user_model().objects.get(username="bruno"), timezone.now()
inbox = Inbox.objects.get(user=user)
start = inbox.last_number
Notification.objects.bulk_create(
    (
        Notification(
            user=user, number=start + n, announced_at=now, seen_at=now, is_read=n % 4 == 0,
            title=f"Thomas Nguyen-Baudelocque a commenté le lot {n}", message="Une phrase de plus." if n % 3 else "",
            type=("message", "event", "system")[n % 3], created_at=now - dt.timedelta(minutes=20 * (10_001 - n)),
        )
        for n in range(1, 10_001)
    ),
    batch_size=1000,
)
inbox.last_number += 10_000
inbox.unread += 7_500
inbox.version += 1
inbox.save()
"""


def test_ten_thousand_notifications_stay_quick(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server(LOGIN_RATE="1000/min", BRAKE_PER_MINUTE="0").start()
    server.carillon("shell", "-v0", "-c", FILL)
    seen = run_scenario("large_inbox", server.url, seconds=200, pictures=tmp_path, token=server.login("alice"))
    (tmp_path / "large_inbox.json").write_text(json.dumps(seen, indent=1))
    assert seen["trouble"] == []
    assert seen["loaded"]["isDone"], "the end is reached by scrolling"
    for when in ("atEnd", "whileArriving"):
        assert seen[when]["rows"] < 200, f"{when}: only what is near the view is in the page"
    assert seen["loaded"]["most"] < 200
    assert seen["atEnd"]["megabytes"] < 150
    assert seen["shifts"] == [], "nothing moves while twenty arrive"
    assert seen["before"] == seen["after"], "the reader stays where they were"
    assert seen["first"] == "Nouvelle 20"
    # The figures of a quiet machine are well below 100; others use this one at the same time.
    for what, times in seen["painted"].items():
        assert times, what
        assert median(times) < 400, f"milliseconds until {what} is painted: {times}"
