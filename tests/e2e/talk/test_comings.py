"""People come and go, block and speak in any order: what is not for somebody never reaches them, and nobody is left out.

The full size is `python -m tests.e2e.talk.comings --interleavings 2000 --database sqlite`, and the same with `postgres`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from carillon.conversations.actions import members, rows
from carillon.conversations.models import Membership
from carillon.realtime import outbox, runtime
from tests.e2e.talk import comings
from tests.e2e.talk.spans import History
from tests.support.covers import covers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

INTERLEAVINGS = 25
# Enough to show any fault; the first of them shows each of those that are planted, unless threads meet otherwise.
ENOUGH_FOR_A_FAULT = range(13, 73)


@covers("004-42")
async def test_nothing_reaches_who_is_not_there_and_nobody_is_left_out() -> None:
    report = await comings.play(range(INTERLEAVINGS), "short")
    assert report.faults == [], str(report)
    # A run in which nothing happens would show nothing.
    least = {"remove": 20, "add": 20, "send": 60, "write": 5, "block": 5, "come": 80, "follow up": 20}
    assert not {what: report.seen[what] for what, count in least.items() if report.seen[what] < count}
    assert report.cuts >= 5 and report.events > 200


async def test_who_is_removed_is_cut_by_the_sweep_alone() -> None:
    async with comings.people_online() as (devices, _):
        assert len(await comings.cut_unaided(devices, is_down=True)) == len(devices) - 1
        history = await runtime.current().call(History.of, devices[0].conversation, is_room=False)
        assert {device.stays[-1].last in history.ends(device.person) for device in devices[1:]} == {True}


def _hides_nothing(publish: Any, rows: Sequence[Membership], told: Any) -> None:
    publish.before_commit(lambda: Membership.objects.filter(pk__in=[row.pk for row in rows]).update(visible_offset=0))


def _hides_too_much(publish: Any, rows: Sequence[Membership], told: Any) -> None:
    """The offset is left to whoever asks first, when the person has long been in."""


def _shows_all_that_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    save: Callable[..., None] = Membership.save

    def forgetful(self: Membership, *arguments: Any, **options: Any) -> None:
        self.visible_from = 0
        save(self, *arguments, **options)

    monkeypatch.setattr(Membership, "save", forgetful)


def _drops_revokes(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = outbox._draft
    monkeypatch.setattr(outbox, "_draft", lambda topic, fact, revokes=(): draft(topic, fact))


def _blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    places_of = rows.places_of

    def open_ones(wanted: Any) -> Any:
        places, faces = places_of(wanted)
        return [place and msgspec.structs.replace(place, is_blocked=False) for place in places], faces

    monkeypatch.setattr(rows, "places_of", open_ones)


PLANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "events of the time between": lambda patch: patch.setattr(members, "_see_from", _hides_nothing),
    "an offset of nobody knows when": lambda patch: patch.setattr(members, "_see_from", _hides_too_much),
    "messages of the time between": _shows_all_that_was_said,
    "revokes dropped": _drops_revokes,
    "blocks ignored": _blocks_nobody,
}


@pytest.mark.parametrize("plant", PLANTS)
async def test_the_judge_finds_a_planted_fault(plant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTS[plant](monkeypatch)
    report = await comings.play(ENOUGH_FOR_A_FAULT, "planted", until_fault=True)
    assert report.faults, str(report)
