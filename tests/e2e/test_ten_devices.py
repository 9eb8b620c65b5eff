"""Ten devices of one person and two tabs, a thousand random actions, the network cut at random: what do the badges show?

The rule. A badge that stands at version v of the counters shows a number that was **true**: either the number that was
committed as version v, or what the device's own undecided writes make of the rows of version v. Undecided is a write that
the device was not told the outcome of: its owner sees it done, and the number of what the owner sees as unread is the
number on the badge. Never anything else: no write counted twice, no older version after a newer one, no mixture of two
versions. A page that writes nothing shows some of the committed numbers, in their order. When all is quiet, every badge
shows the recount of the rows.

The judge reads the event log and the rows of the database, and recounts them at each version; `CARILLON_TEST_SEED` repeats
a run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.limited import WIDE, environment
from tests.support import badges, stored
from tests.support.browser import run_scenario
from tests.support.covers import covers
from tests.support.server import Server

pytestmark = [pytest.mark.serial, pytest.mark.timeout(360)]

ACTIONS = 1_000
RECOUNT = (
    "SELECT COUNT(*) FROM carillon_notifications_notification WHERE user_id = 1 AND number IS NOT NULL "
    "AND is_read = FALSE AND archived_at IS NULL AND snoozed_until IS NULL"
)


@covers("000-22", "000-31", "001-05")
def test_badges_agree_and_never_show_what_was_at_no_time_true(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    seed = int(os.environ.get("CARILLON_TEST_SEED", "3"))
    print(f"CARILLON_TEST_SEED={seed}")
    server = make_server(**environment(**WIDE), LOGIN_RATE="1000/min").start()
    record = tmp_path / "shown.jsonl"
    seen = run_scenario(
        "ten_devices",
        server.url,
        seconds=320,
        seed=seed,
        actions=ACTIONS,
        gap=3,
        patience=60_000,
        token=server.login("alice"),
        record=str(record),
    )
    history = badges.History(stored.log(server), "user:1")
    assert history.wrong == []
    shown = [badges.Shown(**json.loads(line)) for line in record.read_text().splitlines()]
    assert badges.faults(history, shown) == []

    ((recount,),) = stored.rows(server, RECOUNT)
    assert history.numbers[-1] == recount == seen["inbox"]["unread"]
    last = {(one.device, one.list): one.unread for one in shown}
    assert {last[place] for place in last if _is_last_life(place, last)} == {recount}
    for numbers in seen["shown"]:
        assert badges.is_in_order([_number(text) for text in numbers], [min(one, 100) for one in history.numbers])
    assert sum(seen["done"].values()) == ACTIONS
    assert seen["trouble"] == []


def _number(badge: str) -> int:
    return 100 if badge == "99+" else int(badge)


def _is_last_life(place: tuple[str, str], all_places: dict[tuple[str, str], int]) -> bool:
    device, (view, life) = place[0], place[1].split()
    return int(life) == max(
        int(other.split()[1]) for name, other in all_places if name == device and other.split()[0] == view
    )
