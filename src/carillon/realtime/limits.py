"""Token buckets: how much somebody may do each second, and how much at once."""

from __future__ import annotations

from carillon.errors import TooMany


class Bucket:
    """Holds up to `burst` tokens and gains `rate` a second; time is whatever clock the caller reads, in seconds."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._at = float(burst), now

    def take(self, now: float, amount: float = 1.0) -> float:
        """Take tokens and return 0, or take nothing and return the seconds until there are enough."""
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
        if self._tokens >= amount:
            self._tokens -= amount
            return 0.0
        return (amount - self._tokens) / self.rate

    def demand(self, now: float, message: str) -> None:
        """Take one token; raises TooMany `rate_limited` with the seconds to wait."""
        wait = self.take(now)
        if wait:
            raise TooMany("rate_limited", message, retry_after=round(wait, 2) or 0.01)
