"""Background work of notifications; each entry calls an action."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

from django.core.exceptions import ImproperlyConfigured

from carillon.jobs.sweeps import sweep
from carillon.notifications import actions, outlets
from carillon.realtime import log

# About as long as a batch takes, so that a process which also answers requests is half free for them. Another process that
# waits for SQLite's lock looks again after 1, 2, 5, 10, 15, 20, then each 25 ms: a shorter pause may fall between two looks.
PAUSE = 0.026
# On PostgreSQL nobody waits for a lock of all. A process whose other threads hardly ran during a batch has no request to answer.
IDLE = 0.1


@sweep("notifications.pending", every=1.0)
def announce_pending() -> int:
    """Announce rows that nobody announced yet, and changes that a killed process left staged."""
    return actions.settle_pending()


@sweep("notifications.fanout", every=1.0)
def expand_fanouts() -> int:
    """Expand open fan-outs, a batch at a time; between two of them requests get at what they share with it."""
    own, others = time.thread_time(), seconds_of_others()
    passed = actions.expand_fanouts()
    if passed:
        share = (seconds_of_others() - others) / max(time.thread_time() - own, 0.001)
        time.sleep(pause_after(log.connection().vendor, share))
    return passed


def pause_after(vendor: str, share: float) -> float:
    """How many seconds to pause after a batch; `share` is the processor time of the other threads here meanwhile, by its own."""
    return PAUSE if vendor == "sqlite" or share > IDLE else 0.0


def seconds_of_others() -> float:
    """Processor time of all threads of this process but this one."""
    return time.process_time() - time.thread_time()


@sweep("notifications.snoozed", every=5.0)
def wake_snoozed() -> int:
    """Bring back what was snoozed until now."""
    return actions.wake_snoozed()


@sweep("notifications.reconcile", every=60.0)
def reconcile_counters() -> int:
    """Compare counters with their rows; drift is logged and corrected."""
    return actions.reconcile()


@sweep("notifications.deliveries", every=60.0)
def prune_deliveries() -> int:
    """Delete the records of deliveries that were finished long ago."""
    return actions.prune()


def _outlets() -> Iterable[str]:
    try:
        return outlets.paths()
    except ImproperlyConfigured:
        # carillon.E001 says it, once everything is loaded.
        return outlets.OURS


# One for each, so that none waits for what another is slow with.
for _name in _outlets():
    sweep(outlets.sweep_of(_name), every=2.0, waits=True)(partial(actions.dispatch, _name))
