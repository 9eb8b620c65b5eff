"""Source 001 has no sockets."""

from __future__ import annotations

from carillon.realtime.dialect import Route

ROUTES: tuple[Route, ...] = ()
