"""The ready-made server with short deadlines and low limits, so that each can be reached by a test."""

from __future__ import annotations

from carillon.server.settings import *  # noqa: F403
from carillon.server.settings import CARILLON

CARILLON = {
    **CARILLON,
    "AUTH_DEADLINE": 1.0,
    "HEARTBEAT_TIMEOUT": 3.0,
    "TOPICS_PER_CONNECTION": 2,
    "CONNECTIONS_PER_PERSON": 4,
    "ANONYMOUS_PER_ADDRESS": 3,
    "FAULTS_PER_MINUTE": 5,
    "COMMAND_BURST": 10,
    "COMMANDS_PER_SECOND": 10.0,
    "OUTBOUND_BYTES": 200_000,
    "SLOW_SECONDS": 1.0,
    "BRAKE_PER_MINUTE": 0,
}
