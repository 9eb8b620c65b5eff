"""System checks of the server: half-set production is named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from carillon.conf import settings
from carillon.realtime import log
from carillon.server import serving
from carillon.server.demo.people import SIGN_IN


def processes() -> int:
    """How many server processes the environment asks for."""
    try:
        return serving.default_workers()
    except ImproperlyConfigured:
        # `carillon serve` says so.
        return 1


def check_processes(**_: object) -> list[CheckMessage]:
    """`carillon.W020`, `carillon.W021`: several processes on SQLite, or without a broker between them."""
    is_deaf = not serving.has_shared_broker() and not serving.is_sweep_enough()
    return half_set(processes(), connections[log.alias()].vendor, is_deaf=is_deaf)


def half_set(processes: int, vendor: str, *, is_deaf: bool) -> list[CheckMessage]:
    """What several processes lack on this database, and where they do not hear of each other at once, if anything."""
    found: list[CheckMessage] = []
    if processes > 1 and vendor == "sqlite":
        found.append(
            Warning(
                "Several server processes share one SQLite file: writers wait for each other.",
                hint="Set DATABASE_URL to a PostgreSQL database, or WEB_CONCURRENCY to 1.",
                id="carillon.W020",
            )
        )
    if processes > 1 and is_deaf:
        found.append(
            Warning(
                "Several server processes and a broker within each: what one announces reaches the others' sockets "
                f"only with the sweep, up to {settings.SWEEP_INTERVAL[1]:g} s later.",
                hint="Set REDIS_URL, or WEB_CONCURRENCY to 1; CARILLON_SWEEP_ONLY=1 accepts it.",
                id="carillon.W021",
            )
        )
    return found


def check_secret(**_: object) -> list[CheckMessage]:
    """`carillon.W022` (deploy): the secret key was generated into the data folder instead of being set."""
    if os.environ.get("SECRET_KEY"):
        return []
    return [
        Warning(
            "SECRET_KEY is not set; a key of this machine alone is used.",
            hint="Set SECRET_KEY, the same for every process and host of this deployment.",
            id="carillon.W022",
        )
    ]


def check_proxy(**_: object) -> list[CheckMessage]:
    """`carillon.W024`: reached by https, and no proxy is believed when it says so: every request would be redirected."""
    if not django_settings.SECURE_SSL_REDIRECT or os.environ.get("FORWARDED_ALLOW_IPS"):
        return []
    return [
        Warning(
            "PUBLIC_URL is https, and no proxy is trusted to say that a request came that way.",
            hint="Set FORWARDED_ALLOW_IPS to the address of the proxy that ends TLS.",
            id="carillon.W024",
        )
    ]


def check_demo_accounts(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`carillon.W023`: an account whose password is its name is left over from a demonstration."""
    if not databases or django_settings.DEMO or django_settings.DEBUG:
        return []
    try:
        users = list(get_user_model()._default_manager.filter(username__in=SIGN_IN, is_active=True))
    except DatabaseError:
        # Before the first migration there is nobody.
        return []
    open_doors = [user.get_username() for user in users if user.check_password(user.get_username())]
    if not open_doors:
        return []
    return [
        Warning(
            f"Anybody can sign in as {', '.join(sorted(open_doors))}: the password is the name.",
            hint="Delete these demo accounts, or change their passwords.",
            id="carillon.W023",
        )
    ]
