"""The same seed is the same plan, another seed is another one, and nothing that was asked for is left out."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from tests.e2e.faults import plans
from tests.e2e.faults.loads import Load, Write, writes
from tests.e2e.faults.plans import Fault, Kind, Plan

KINDS = (Kind("kill_web", 3, 0.2), Kind("stop_redis", 2, 4.0, 1.0))
LOAD = Load(20, 10)


def _plan(seed: int) -> Plan:
    chance = random.Random(f"{seed}/R6")
    written = writes(chance, LOAD, "R6", ["a", "b"], ["1", "2"])
    return Plan(seed, plans.faults(chance, KINDS, LOAD.seconds), tuple(written))


def test_a_seed_repeats_a_plan() -> None:
    assert _plan(7) == _plan(7)
    assert _plan(7) != _plan(8)


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_is_planned_and_none_begins_before_the_last_one_is_over(seed: int) -> None:
    planned = _plan(seed).faults
    assert Counter(fault.name for fault in planned) == {"kill_web": 3, "stop_redis": 2}
    for one, next in itertools.pairwise(planned):
        assert next.at >= one.at + one.seconds


def test_writes_go_every_way_in_the_order_of_time() -> None:
    written = _plan(1).writes
    assert len({write.id for write in written}) == len(written) == 200
    assert [write.at for write in written] == sorted(write.at for write in written)
    assert {write.way for write in written} == {"rest", "socket", "python"}
    assert all(write.way == "python" and not write.hall for write in written if write.person)
    assert any(write.person for write in written)


def test_a_plan_tells_how_to_repeat_it() -> None:
    plan = Plan(7, (Fault(1.5, "kill_web", 0.2, 3),), (Write(0, "rest", "w"),))
    assert str(plan) == "CARILLON_TEST_SEED=7, 1 writes, 1 faults\n     1.50 s kill_web #3 for 0.2 s"


async def test_faults_come_in_their_order() -> None:
    done: list[Fault] = []

    async def inject(fault: Fault) -> None:
        done.append(fault)

    planned = plans.faults(random.Random(1), (Kind("a", 2, 0, 0.01), Kind("b", 2, 0, 0.01)), 0.1)
    await plans.carry_out(Plan(1, planned, ()), inject)
    assert tuple(done) == planned
