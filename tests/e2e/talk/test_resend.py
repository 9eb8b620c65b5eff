"""Some hundred messages, each sent one to five times by every way while the server is killed: each is there once, in order.

The full size is `python -m tests.e2e.talk.resend --messages 5000 --database sqlite`, and the same with `postgres`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.talk import resend
from tests.e2e.talk.rows import Rows

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]

MESSAGES = 200


async def test_each_message_is_stored_and_told_once(tmp_path: Path) -> None:
    server = resend.make(tmp_path, "")
    try:
        report = await resend.storm(server, Rows("", tmp_path), messages=MESSAGES, kills=1, seed="short", seconds=120)
    finally:
        server.kill()
    assert report.faults == [], str(report)
    # A run in which nothing happens would show nothing.
    assert (report.stored, report.kills) == (MESSAGES, 1)
    assert report.copies > 2 * MESSAGES and report.ordered > 60 and report.refreshed > 4 and report.receipts > 1
    assert report.how["idempotency_mismatch"] > 3
