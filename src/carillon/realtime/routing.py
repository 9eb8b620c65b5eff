"""Which dialect a socket is spoken to in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid, NotFound
from carillon.realtime.dialect import Dialect, Opening, Route
from carillon.realtime.handshake import Scope, path_of, query_of, speaks_another_version


class Address(msgspec.Struct, frozen=True):
    """Where a socket was opened: what is spoken there, what that begins with, and the `fault` of the address, if any."""

    dialect: Dialect
    opening: Opening = Opening()
    fault: CarillonError | None = None


def address_of(routes: Sequence[Route], scope: Scope) -> Address:
    """What this socket asks for; the fault is that of its address or of the version that it wants.

    `?dialect=` decides, else the subprotocols; what declares nothing is spoken to as NOTIFICATIONS_DIALECT says
    where several dialects share the path (REQUIREMENTS C3).
    """
    path = path_of(scope)
    here = [route for route in routes if route.pattern.fullmatch(path)]
    if not here:
        return Address(routes[0].dialect, fault=NotFound("not_found", "Nothing answers at this address."))
    named = query_of(scope).get("dialect")
    if named:
        spoken = [route for route in here if route.dialect.name == named[0]]
    else:
        offered = scope.get("subprotocols", ())
        spoken = [route for route in here if route.dialect.subprotocol in offered]
        # Offering nothing that is spoken here is told by what the connection is refused for.
        spoken = spoken or [_undeclared(here, scope)]
    route = (spoken or here)[0]
    if not spoken or speaks_another_version(scope, route.dialect):
        return Address(route.dialect, fault=Invalid("unsupported_version", f"Spoken here: {', '.join(_names(here))}."))
    return _opened(route, path)


def _opened(route: Route, path: str) -> Address:
    match = route.pattern.fullmatch(path)
    if route.opens is None or match is None:
        return Address(route.dialect)
    try:
        return Address(route.dialect, route.opens(match.groupdict()))
    except CarillonError as error:
        return Address(route.dialect, fault=error)


def _undeclared(here: Sequence[Route], scope: Scope) -> Route:
    wanted = settings.NOTIFICATIONS_DIALECT
    has_token = "token" in query_of(scope)
    by_name = [route for route in here if route.dialect.name == wanted]
    by_token = [route for route in here if route.wants_token == has_token]
    return (by_name or by_token or list(here))[0]


def _names(routes: Iterable[Route]) -> list[str]:
    return [route.dialect.subprotocol or route.dialect.name for route in routes]
