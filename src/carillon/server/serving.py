"""How the server is run: one uvicorn with our limits, for `carillon serve` and `carillon runserver` alike."""

from __future__ import annotations

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from carillon.conf import settings

APPLICATION = "carillon.server.asgi:application"

# Our own protocol class, which the hub writes to directly; the other is uvicorn's, through ASGI alone.
SOCKETS = {"direct": "carillon.realtime.wire.socket:WebSocket", "asgi": "websockets"}


def options() -> dict[str, Any]:
    """Options of uvicorn, but for where to listen."""
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "")
    return {
        "ws": SOCKETS[socket_path()],
        "ws_max_size": settings.FRAME_BYTES,
        "ws_per_message_deflate": False,
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        "server_header": False,
        # Headers of a proxy count only where somebody said which one: else anybody could choose an address.
        "proxy_headers": bool(trusted),
        "forwarded_allow_ips": trusted or None,
        # Django's logging takes tokens out; uvicorn's own would print them.
        "log_config": None,
        "lifespan": "on",
        "timeout_graceful_shutdown": 10,
    }


def socket_path() -> str:
    """CARILLON_SOCKETS: `direct`, or `asgi`; raises ImproperlyConfigured for anything else."""
    path = os.environ.get("CARILLON_SOCKETS", "") or "direct"
    if path not in SOCKETS:
        raise ImproperlyConfigured(f"CARILLON_SOCKETS is {path!r}; it may be {' or '.join(SOCKETS)}.")
    return path


def default_port() -> int:
    """PORT, or 8000."""
    return int(os.environ.get("PORT", "8000"))
