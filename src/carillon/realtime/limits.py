"""Token buckets: how much somebody may do each second, and how much at once."""

from __future__ import annotations

import msgspec

from carillon.errors import TooMany

_ROUNDING = 1e-8


# Every connection that ever asked has one: no gc, and one figure for what it holds.
class Bucket(msgspec.Struct, gc=False):
    """Holds up to `burst` tokens and gains `rate` a second; at `full_at` it is full.

    Time is in seconds, by whatever monotonic clock the caller reads.
    """

    rate: float
    burst: float
    full_at: float

    def take(self, now: float, amount: float = 1.0) -> float:
        """Take tokens and return 0, or take nothing and return the seconds until there are enough."""
        full_at = max(self.full_at, now) + amount / self.rate
        wait = full_at - self.burst / self.rate - now
        # Tokens that are there but for the rounding of the clock are there.
        if wait > _ROUNDING:
            return wait
        self.full_at = full_at
        return 0.0

    def demand(self, now: float, message: str) -> None:
        """Take one token; raises TooMany `rate_limited` with the seconds to wait."""
        wait = self.take(now)
        if wait:
            raise TooMany("rate_limited", message, retry_after=round(wait, 2) or 0.01)
