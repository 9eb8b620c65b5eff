"""Background work of notifications; each entry calls an action."""

from __future__ import annotations

from carillon.jobs.sweeps import sweep
from carillon.notifications import actions


@sweep("notifications.pending", every=1.0)
def announce_pending() -> int:
    """Announce rows that nobody announced yet, and changes that a killed process left staged."""
    return actions.settle_pending()


@sweep("notifications.fanout", every=1.0)
def expand_fanouts() -> int:
    """Expand open fan-outs, a batch at a time."""
    return actions.expand_fanouts()


@sweep("notifications.snoozed", every=5.0)
def wake_snoozed() -> int:
    """Bring back what was snoozed until now."""
    return actions.wake_snoozed()


@sweep("notifications.reconcile", every=60.0)
def reconcile_counters() -> int:
    """Compare counters with their rows; drift is logged and corrected."""
    return actions.reconcile()
