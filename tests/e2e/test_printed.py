"""The JavaScript that sources 002 and 004 print runs in Node and in Chromium as it is printed, but for host, token and conversation."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from carillon.conf import Settings
from tests.dialects.serving import serving
from tests.support.browser import run_beside_restarts
from tests.support.covers import covers

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]


@covers("002-31", "002-32", "004-01", "004-02", "004-03", "004-04", "004-05", "004-07", "004-08", "004-10", "004-19")
@covers("004-20", "004-23", "004-25", "004-26", "004-27", "004-29", "004-30", "004-31", "004-33", "004-34", "004-35")
@covers("004-37")
def test_the_documents_own_javascript_runs_as_printed(tmp_path: Path) -> None:
    with serving("uvicorn", tmp_path / "server") as server:
        made = server.request("POST", "/host/people/", {"names": ["alice", "bruno", "carla"]}).json
        people = {name: {"id": person["id"], "token": person["token"]} for name, person in made.items()}
        signed_in = server.request("POST", "/host/people/", {"names": ["alice"], "session": True})
        body = {"title": "Salon", "people": [person["id"] for person in people.values()]}
        room = server.request("POST", "/host/rooms/", body).json["id"]
        seen = run_beside_restarts(
            "printed",
            server,
            tmp_path / "restart",
            **people,
            conversation=room,
            cookie=signed_in.headers["set-cookie"].partition(";")[0],
            limit=Settings().CONNECTIONS_PER_PERSON,
        )

    assert seen["told"] == {"typing": True, "receipt": True, "late": False}
    for line in seen["received"]:
        label, _, frame = line.partition(" ")
        assert (label, json.loads(frame)["data"]["content"]) == ("Received:", "Salut")
    for delays in seen["returned"]:
        assert delays, "it came back by its own timer"
        for attempt, delay in itertools.islice(enumerate(delays), 5):
            assert 0.8 * 1000 * 2**attempt <= delay <= 1.2 * 1000 * 2**attempt
    assert seen["stopped"] == dict.fromkeys(("4000", "4001", "4002", "1008"), [{"timers": [], "tried": False}] * 2)
