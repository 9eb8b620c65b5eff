"""How the server is run: uvicorn with our limits, for `carillon serve` and `carillon runserver` alike."""

from __future__ import annotations

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from carillon.conf import settings

APPLICATION = "carillon.server.asgi:application"

# Our own protocol class, which the hub writes to directly; the other is uvicorn's, through ASGI alone.
SOCKETS = {"direct": "carillon.realtime.wire.socket:WebSocket", "asgi": "auto"}
HTTP = {"direct": "carillon.realtime.wire.http:Door", "asgi": "auto"}
MOST_PROCESSES = 256
# Seconds for which an idle HTTP connection is kept. A proxy keeps it for 60 to 90 and has to be the one that ends it: a
# request that meets our end fails. Browsers ask again by themselves, and are many.
IDLE, IDLE_BEHIND_PROXY = 5, 100


def options() -> dict[str, Any]:
    """Options of uvicorn, but for where to listen."""
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "")
    return {
        "http": HTTP[socket_path()],
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
        "timeout_keep_alive": IDLE_BEHIND_PROXY if trusted else IDLE,
        "timeout_graceful_shutdown": 10,
    }


def socket_path() -> str:
    """CARILLON_SOCKETS: `direct`, or `asgi`; raises ImproperlyConfigured for anything else."""
    path = os.environ.get("CARILLON_SOCKETS", "") or "direct"
    if path not in SOCKETS:
        raise ImproperlyConfigured(f"CARILLON_SOCKETS is {path!r}; it may be {' or '.join(SOCKETS)}.")
    return path


def default_port() -> int:
    """PORT, or 8000; raises ImproperlyConfigured for what is no port."""
    return number("PORT", os.environ.get("PORT") or "8000", 65_535)


def default_workers() -> int:
    """WEB_CONCURRENCY, or 1; raises ImproperlyConfigured for what is no number of processes."""
    return number("WEB_CONCURRENCY", os.environ.get("WEB_CONCURRENCY") or "1", MOST_PROCESSES)


def number(name: str, given: object, most: int) -> int:
    """A whole number from 1 to `most`; raises ImproperlyConfigured, naming it, for anything else."""
    text = str(given)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be a whole number from 1 to {most}.")
    return int(text)


def is_sweep_enough() -> bool:
    """CARILLON_SWEEP_ONLY: several processes may do without a broker between them."""
    return os.environ.get("CARILLON_SWEEP_ONLY", "").lower() in {"1", "true", "yes", "on"}


def has_shared_broker() -> bool:
    """Whether what one process announces reaches the others at once."""
    broker = settings.BROKER or settings.REDIS_URL
    return bool(broker) and not broker.endswith("MemoryBroker")
