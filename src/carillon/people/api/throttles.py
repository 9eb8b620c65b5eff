"""Limits on what could guess or wear out credentials; a host's `DEFAULT_THROTTLE_RATES` override each by its scope."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from rest_framework.views import APIView

from carillon.people.keys import key_of

# Scope: requests per period, for one address, account or person as the class says.
RATES = {
    "carillon_login": "10/min",
    "carillon_login_address": "60/min",
    "carillon_refresh": "600/min",
    "carillon_ticket": "60/min",
    "carillon_password": "5/min",
}


class _Limit(SimpleRateThrottle):
    """A limit with a documented default."""

    scope = ""

    def get_rate(self) -> str | None:
        """The host's rate for this scope, else ours; None switches it off."""
        configured: Any = api_settings.DEFAULT_THROTTLE_RATES or {}
        rates: dict[str, str | None] = {**RATES, **configured}
        return rates[self.scope]

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """One budget for each thing that is counted."""
        counted = hashlib.sha256(self.counted(request).encode()).hexdigest()[:32]
        return f"{self.scope}:{counted}"

    def counted(self, request: Request) -> str:
        """What has the budget."""
        return self.address(request)

    def address(self, request: Request) -> str:
        """The client's address; X-Forwarded-For counts only where the host said how many proxies to believe."""
        if api_settings.NUM_PROXIES is None:
            return str(request.META.get("REMOTE_ADDR", ""))
        return str(self.get_ident(request))


class LoginLimit(_Limit):
    """Attempts on one account from one address."""

    scope = "carillon_login"

    def counted(self, request: Request) -> str:
        """The account that is tried, from here."""
        data: Any = request.data
        name = data.get("username") if hasattr(data, "get") else ""
        return f"{self.address(request)} {str(name)[:150].casefold()}"


class LoginAddressLimit(_Limit):
    """Attempts from one address, whatever the account."""

    scope = "carillon_login_address"


class RefreshLimit(_Limit):
    """Refreshes from one address."""

    scope = "carillon_refresh"


class _PersonLimit(_Limit):
    def counted(self, request: Request) -> str:
        """The person who is signed in."""
        return str(request.user.pk)


class TicketLimit(_PersonLimit):
    """Tickets of one person."""

    scope = "carillon_ticket"


class PasswordLimit(_PersonLimit):
    """Password changes one person tries."""

    scope = "carillon_password"


class KeyLimit(BaseThrottle):
    """Requests of one service key, at the rate that the key itself names; whoever comes without a key is let through.

    Two counters, of this minute and the last, in the cache that all processes share: a back end sends too much for a list
    of every request to be read and written each time.
    """

    period = 60.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request; one that is refused does not count."""
        key = key_of(request)
        if key is None:
            return True
        self._now, self._rate = time.time(), key.rate_per_minute
        self._minute, self._passed = divmod(self._now, self.period)
        self._name = f"carillon_key:{key.prefix}"
        self._last = int(cache.get(self._counter(-1), 0))
        self._used = self._count()
        # The last minute counts for as much of it as still lies within sixty seconds from now.
        if self._used + self._last * (1 - self._passed / self.period) <= self._rate:
            return True
        with suppress(ValueError):
            cache.decr(self._counter())
        self._used -= 1
        return False

    def wait(self) -> float:
        """Seconds until a request would pass."""
        if self._last and self._used < self._rate:
            needed = self.period * (1 - (self._rate - self._used - 1) / self._last)
            if needed < self.period:
                return max(0.1, needed - self._passed)
        # Not before this minute is the last one, and has faded enough.
        faded = self.period * (1 - (self._rate - 1) / max(self._used, self._rate))
        return self.period - self._passed + faded

    def _count(self) -> int:
        name = self._counter()
        cache.add(name, 0, timeout=int(3 * self.period))
        try:
            return int(cache.incr(name))
        except ValueError:
            # A cache that keeps nothing, or lost it just now.
            return 1

    def _counter(self, offset: int = 0) -> str:
        return f"{self._name}:{int(self._minute) + offset}"
