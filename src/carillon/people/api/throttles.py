"""Limits on what could guess or wear out credentials; a host's `DEFAULT_THROTTLE_RATES` override each by its scope."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

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
