"""Background work of notifications; each entry calls an action."""

from __future__ import annotations

import time

from carillon.jobs.sweeps import sweep
from carillon.notifications import actions

# About as long as a batch takes, so that a process which also answers requests is half free for them. Another process that
# waits for SQLite's lock looks again after 1, 2, 5, 10, 15, 20, then each 25 ms: a shorter pause may fall between two looks.
PAUSE = 0.026


@sweep("notifications.pending", every=1.0)
def announce_pending() -> int:
    """Announce rows that nobody announced yet, and changes that a killed process left staged."""
    return actions.settle_pending()


@sweep("notifications.fanout", every=1.0)
def expand_fanouts() -> int:
    """Expand open fan-outs, a batch at a time; between two of them requests get at what they share with it."""
    passed = actions.expand_fanouts()
    if passed:
        time.sleep(PAUSE)
    return passed


@sweep("notifications.snoozed", every=5.0)
def wake_snoozed() -> int:
    """Bring back what was snoozed until now."""
    return actions.wake_snoozed()


@sweep("notifications.reconcile", every=60.0)
def reconcile_counters() -> int:
    """Compare counters with their rows; drift is logged and corrected."""
    return actions.reconcile()
