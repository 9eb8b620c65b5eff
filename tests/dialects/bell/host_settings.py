"""The host's server with low limits, so that each can be reached by a test."""

from __future__ import annotations

from tests.dialects.host_settings import *  # noqa: F403
from tests.dialects.host_settings import CARILLON  # type: ignore[attr-defined]

CARILLON = {**CARILLON, "CONNECTIONS_PER_PERSON": 2, "FAULTS_PER_MINUTE": 5}
