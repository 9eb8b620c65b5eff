"""Settings of a server whose limits a test chooses: CARILLON_LIMITS holds a JSON object that goes over CARILLON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from carillon.server.settings import *  # noqa: F403
from carillon.server.settings import CARILLON, DATABASES

if "DB_POOL_IDLE" in os.environ:
    # Seconds after which a connection that nobody uses is closed, so that those in use can be counted.
    DATABASES["default"]["OPTIONS"]["pool"]["max_idle"] = float(os.environ["DB_POOL_IDLE"])

CARILLON = {**CARILLON, **json.loads(os.environ.get("CARILLON_LIMITS", "{}"))}

# Nothing that a test may send is too fast or too much, unless the test says so.
WIDE = {
    "COMMANDS_PER_SECOND": 100_000.0,
    "COMMAND_BURST": 100_000,
    "PERSON_COMMANDS_PER_SECOND": 100_000.0,
    "FAULTS_PER_MINUTE": 1_000_000,
    "CONNECTIONS_PER_PERSON": 10_000,
    "BRAKE_PER_MINUTE": 0,
}


def environment(**limits: Any) -> dict[str, str]:
    """What a test server's environment needs for these limits."""
    return {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "DJANGO_SETTINGS_MODULE": "tests.e2e.limited",
        "CARILLON_LIMITS": json.dumps(limits),
    }
