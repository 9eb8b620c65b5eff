"""What a newcomer forgets or mistypes is named in words, by every command and before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from carillon.realtime.checks import check_values
from tests.hosts.host import Host
from tests.support.tree import ROOT

SETTINGS = """
from shop.settings import *
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != {missing!r}]
"""


@pytest.mark.serial
@pytest.mark.parametrize("missing", ["carillon.people", "carillon.realtime", "carillon.jobs"])
def test_a_forgotten_app_is_named(missing: str, tmp_path: Path) -> None:
    host = Host(ROOT / "examples" / "embed", "shop", tmp_path)
    (tmp_path / "forgetful.py").write_text(SETTINGS.format(missing=missing))
    path = f"{tmp_path}:{host.project}"
    said = host.manage("check", expect=1, PYTHONPATH=path, DJANGO_SETTINGS_MODULE="forgetful")
    assert f"carillon.notifications needs {missing}: add it to INSTALLED_APPS." in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SOCKET_PREFIX", "rt/ws"),
        ("SOCKET_PREFIX", "/ws"),
        ("BROKER", "nowhere.Broker"),
        ("PERSON", "tests.hosts.nobody"),
        ("DIALECTS", ("nativ",)),
        ("DIALECTS", ("../native",)),
        ("RUNNER", "cron"),
        ("PUBLIC_URL", "example.org"),
        ("ALLOWED_ORIGINS", ("https://example.org/",)),
        ("ALLOWED_ORIGINS", ("example.org",)),
    ],
)
def test_a_value_that_cannot_work_is_named(key: str, value: Any) -> None:
    with override_settings(CARILLON={key: value}):
        (found,) = check_values()
    assert found.id == "carillon.E003"
    assert f"CARILLON['{key}']" in found.msg
    assert found.hint


def test_values_that_work_are_not() -> None:
    good = {
        "SOCKET_PREFIX": "/rt/ws/",
        "PERSON": "carillon.people.queries.person_of",
        "PUBLIC_URL": "https://example.org/shop",
        "ALLOWED_ORIGINS": ("https://app.example.org", "http://localhost:5173"),
        "RUNNER": "none",
    }
    for given in ({}, good, {"UNKNOWN": "left to carillon.E001"}):
        with override_settings(CARILLON=given):
            assert check_values() == []
