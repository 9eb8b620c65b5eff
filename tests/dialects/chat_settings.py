"""The host's server with low limits and little patience, so that each can be reached by a test."""

from __future__ import annotations

from tests.dialects.host_settings import *  # noqa: F403
from tests.dialects.host_settings import CARILLON  # type: ignore[attr-defined]

CARILLON = {
    **CARILLON,
    "CONNECTIONS_PER_PERSON": 3,
    "FAULTS_PER_MINUTE": 5,
    "AUTH_DEADLINE": 1.0,
    "PRESENCE_GRACE": 0.2,
    "PRESENCE_INTERVAL": 0.1,
}
