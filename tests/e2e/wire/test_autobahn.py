"""RFC 6455 as others read it: Autobahn's fuzzing client finds no fault in our sockets (GUARANTEES S1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.wire import autobahn
from tests.support.covers import covers

pytestmark = pytest.mark.serial


@covers("004-27")
def test_no_case_of_autobahns_fails(tmp_path: Path) -> None:
    # uvicorn's own class is not ours to mend: `make autobahn` asks it too.
    try:
        autobahn.install()
    except autobahn.Unavailable as why:
        pytest.skip(str(why))
    with autobahn.echoing(tmp_path, "direct") as server:
        outcome = autobahn.run(server.echo_url)
    print(outcome)
    assert outcome.failed == {}
    assert len(outcome.behaviour) >= 240
