"""System checks of presence, and which store the settings name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from carillon.presence import stores
from carillon.presence.stores.memory import MemoryStore
from carillon.presence.stores.redis import RedisStore

BROKER = "tests.kernel.fakes.ManualBroker"
STORE = "carillon.presence.stores.memory.MemoryStore"


def ids(settings: Any, **given: Any) -> list[str]:
    """The checks that these settings fail."""
    settings.CARILLON = {**settings.CARILLON, "REDIS_URL": "", **given}
    return [each.id for each in run_checks() if each.id in ("carillon.E005", "carillon.W007")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"PRESENCE_STORE": STORE}, []),
        ({"PRESENCE_STORE": "carillon.presence.stores.none.Store"}, ["carillon.E005"]),
        ({"PRESENCE_VISIBLE": "carillon.presence.nothing"}, ["carillon.E005"]),
        ({"PRESENCE_LEASE": 0.0, "PRESENCE_GRACE": 0.0}, ["carillon.E005"]),
        ({"PRESENCE_LEASE": 4.0}, ["carillon.E005"]),
        ({"PRESENCE_GRACE": -1.0}, ["carillon.E005"]),
        ({"PRESENCE_INTERVAL": 0.0}, ["carillon.E005"]),
        ({"BROKER": BROKER}, ["carillon.W007"]),
        ({"BROKER": "carillon.realtime.brokers.memory.MemoryBroker"}, []),
        ({"BROKER": BROKER, "PRESENCE_STORE": STORE}, []),
        ({"BROKER": BROKER, "REDIS_URL": "redis://127.0.0.1/0"}, []),
    ],
)
def test_what_cannot_work_is_named(settings: Any, given: dict[str, Any], expected: list[str]) -> None:
    assert ids(settings, **given) == expected


def test_the_settings_name_the_store(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "REDIS_URL": ""}
    assert isinstance(stores.current(), MemoryStore) and stores.current() is stores.current()
    settings.CARILLON = {**settings.CARILLON, "REDIS_URL": "redis://127.0.0.1:1/0"}
    assert isinstance(stores.current(), RedisStore)
    settings.CARILLON = {**settings.CARILLON, "PRESENCE_STORE": STORE}
    assert isinstance(stores.current(), MemoryStore)
