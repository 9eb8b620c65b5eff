"""Background work of conversations."""

from __future__ import annotations

import time

from carillon.conversations import actions
from carillon.jobs.sweeps import sweep

# Between two batches of a large conversation requests get at what they share with it, as between two of a fan-out.
PAUSE = 0.026


@sweep(actions.FOLLOW_UP, every=1.0)
def follow_up() -> int:
    """Tell members of what changed, and notify those who are not looking."""
    told = actions.follow_up()
    if told >= actions.FOLLOW_UP_BATCH:
        time.sleep(PAUSE)
    return told


@sweep("conversations.reconcile", every=60.0)
def reconcile_members() -> int:
    """Compare counts of members with their rows; drift is logged and corrected."""
    return actions.reconcile()
