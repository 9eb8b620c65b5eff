"""A client that never reads, beside a hundred that do: bounded, closed 4009, lossless, and no burden to the others.

The full size, 500 beside it and several rounds, is `python -m tests.e2e.wire.slow_reader`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.wire import slow_reader
from tests.support.covers import covers
from tests.support.server import SOCKET_PATHS

pytestmark = [pytest.mark.serial, pytest.mark.alone]


@pytest.mark.parametrize("path", SOCKET_PATHS)
@covers("004-27")
async def test_it_costs_little_and_loses_nothing(path: str, tmp_path: Path) -> None:
    server = slow_reader.make(tmp_path, path)
    try:
        report = await slow_reader.measure(server, 100)
    finally:
        server.kill()
    assert report.codes == [4009]
    assert report.is_lossless
    assert report.memory <= 64
    # On a busy machine a single late round is nobody's doing: this only finds those who wait for the one.
    assert report.p99(reads=False) <= 2 * report.p99(reads=True) + 0.25, str(report)
