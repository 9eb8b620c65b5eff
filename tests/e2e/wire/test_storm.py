"""A server is killed under three hundred clients: soon all are live again, with nothing lost, and no herd on the database.

The full size, 2,000 on both databases and both paths, is `python -m tests.e2e.wire.storm`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.wire import storm
from tests.support import postgres

pytestmark = pytest.mark.serial


async def test_all_come_back_with_nothing_lost(tmp_path: Path, postgres_url: str) -> None:
    server = storm.make(tmp_path, "direct", postgres.create_database(postgres_url, "storm"))
    try:
        report = await storm.storm(server, 300, seconds=60)
    finally:
        server.kill()
    assert (len(report.back), report.wrong) == (300, 0), str(report)
    assert max(report.back) <= storm.WITHIN
    assert report.connections <= storm.POOL
