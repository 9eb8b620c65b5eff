"""The harness finds the faults that it must find: each planted one turns its scenario red, and without it the same run is clean."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.faults import plans
from tests.e2e.faults.loads import Load
from tests.e2e.faults.pace import Pace
from tests.e2e.faults.places import Place, Setup
from tests.e2e.faults.planted import PLANTS
from tests.e2e.faults.runs import Outcome, Run, Size
from tests.e2e.faults.table import BRISK

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

SHIM = {"BROKER": "tests.e2e.faults.brokers.Shim"}


@dataclass(frozen=True)
class Trap:
    """A run in which a planted fault shows, and as what."""

    hints: str
    size: Size
    shows_as: frozenset[str]
    database: str = "sqlite"
    dawdle: str = "0"
    sweep: tuple[float, float] = (0.5, 1.0)


# Notifications count in heads of their own, which a fault of the log's numbering would break for good.
HALLS_ONLY = Load(25, 4, notifications=0)
TRAPS = {
    "no_sweep": Trap("0.5,0,0", Size(6, 2, HALLS_ONLY, pace=BRISK, patience=8, catch_up=6), frozenset({"lost"})),
    "no_buffering": Trap(
        "0,0,0",
        Size(8, 1, HALLS_ONLY, pace=Pace(0.05, 0.2, 1.0, 2.0, life=0.5), patience=8, catch_up=6),
        frozenset({"lost", "hole"}),
    ),
    "naive_cursor": Trap(
        "1,0,0",
        Size(6, 1, HALLS_ONLY, pace=BRISK, patience=8, catch_up=6),
        frozenset({"lost", "hole"}),
        "shared postgres",
        "80",
        (0.01, 0.02),
    ),
    "hint_as_truth": Trap(
        "0.1,0.2,0.2", Size(6, 2, HALLS_ONLY, pace=BRISK, patience=8, catch_up=6), frozenset({"hole", "repeated"})
    ),
}


async def _spring(name: str, trap: Trap, folder: Path) -> tuple[Outcome, Outcome]:
    """What comes of the run with the fault, and of the same without it."""
    environment = {"FAULTS_HINTS": trap.hints, "FAULTS_DAWDLE": trap.dawdle, "FAULTS_PLANTED": name}
    limits = {**SHIM, "SWEEP_INTERVAL": trap.sweep}
    place = Place(folder, Setup(trap.database, False, 1, 10, environment, limits))
    try:
        await asyncio.to_thread(place.start)
        planted = await Run("planted", place, trap.size, folder / "planted", plans.seed()).go()
        (server,) = place.servers
        await asyncio.to_thread(server.kill)
        server.environment["FAULTS_PLANTED"] = ""
        await asyncio.to_thread(server.restart)
        return planted, await Run("sound", place, trap.size, folder / "sound", plans.seed()).go()
    finally:
        await asyncio.to_thread(place.remove)


@pytest.fixture(scope="module")
def sprung(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome, Outcome]]:
    """All of them at once, which is sooner done."""

    async def all_at_once() -> list[tuple[Outcome, Outcome]]:
        return await asyncio.gather(*(_spring(name, TRAPS[name], tmp_path_factory.mktemp(name)) for name in TRAPS))

    return dict(zip(TRAPS, asyncio.run(all_at_once()), strict=True))


@pytest.mark.parametrize("name", TRAPS)
def test_a_planted_fault_turns_its_scenario_red(name: str, sprung: dict[str, tuple[Outcome, Outcome]]) -> None:
    planted, sound = sprung[name]
    assert TRAPS[name].shows_as & planted.verdict.faults.keys(), planted.explain()
    assert sound.verdict.is_clean, sound.explain()
    assert sound.verdict.deliveries >= len(sound.plan.writes)


def test_every_plant_has_its_trap() -> None:
    assert TRAPS.keys() == PLANTS.keys()
