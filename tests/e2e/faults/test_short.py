"""The short form of the scenarios of GUARANTEES section 5; `make faults` runs the long one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.faults import plans, table
from tests.e2e.faults.places import Place
from tests.e2e.faults.runs import Run
from tests.e2e.faults.scenarios import SCENARIOS, missed
from tests.support.covers import covers

pytestmark = [pytest.mark.serial, pytest.mark.long, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Place]]:
    """The deployment of that name; scenarios share it and leave it as they found it."""
    made: dict[str, Place] = {}

    def of(name: str) -> Place:
        if name not in made:
            folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
            made[name] = Place(folder, table.setups(str(folder), is_long=False)[name]).start()
        return made[name]

    yield of
    for each in made.values():
        each.remove()


@covers("000-28", "000-38", "000-39", "004-26")
@pytest.mark.parametrize("name", table.SHORT)
async def test_nothing_is_lost_doubled_or_disordered(name: str, place: Callable[[str], Place], tmp_path: Path) -> None:
    scenario, seed = SCENARIOS[name], plans.seed()
    run = Run(name, place(scenario.place), table.SHORT[name], tmp_path, seed)
    scenario.prepare(run)
    outcome = await run.go()
    wrong = missed(run, outcome)
    assert not wrong, f"{wrong}\n{outcome.explain()}"
