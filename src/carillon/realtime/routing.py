"""Which dialect a socket is spoken to in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid, NotFound
from carillon.realtime.dialect import Dialect, Route
from carillon.realtime.handshake import Scope, path_of, query_of, speaks_another_version


def dialect_of(routes: Sequence[Route], scope: Scope) -> tuple[Dialect, CarillonError | None]:
    """The dialect of this socket, and what is wrong with the address or the version that was asked for, if anything.

    `?dialect=` decides, else the subprotocols; what declares nothing is spoken to as NOTIFICATIONS_DIALECT says
    where several dialects share the path (REQUIREMENTS C3).
    """
    path = path_of(scope)
    here = [route for route in routes if route.pattern.fullmatch(path)]
    if not here:
        return routes[0].dialect, NotFound("not_found", "Nothing answers at this address.")
    named = query_of(scope).get("dialect")
    if named:
        spoken = [route for route in here if route.dialect.name == named[0]]
    else:
        offered = scope.get("subprotocols", ())
        spoken = [route for route in here if route.dialect.subprotocol in offered]
        # Offering nothing that is spoken here is told by what the connection is refused for.
        spoken = spoken or [_undeclared(here, scope)]
    dialect: Dialect = (spoken or here)[0].dialect
    if not spoken or speaks_another_version(scope, dialect):
        return dialect, Invalid("unsupported_version", f"Spoken here: {', '.join(_names(here))}.")
    return dialect, None


def _undeclared(here: Sequence[Route], scope: Scope) -> Route:
    wanted = settings.NOTIFICATIONS_DIALECT
    has_token = "token" in query_of(scope)
    by_name = [route for route in here if route.dialect.name == wanted]
    by_token = [route for route in here if route.wants_token == has_token]
    return (by_name or by_token or list(here))[0]


def _names(routes: Iterable[Route]) -> list[str]:
    return [route.dialect.subprotocol or route.dialect.name for route in routes]
