"""Background work: sweeps that find due rows, leases by the database's clock, and the runners that call them.

Rows are the queue; `wake` is only a hint that makes a sweep run sooner.
"""

from __future__ import annotations

from carillon.jobs.sweeps import Sweep, registered_sweeps, sweep
from carillon.jobs.wake import wake

__all__ = ["Sweep", "registered_sweeps", "sweep", "wake"]
