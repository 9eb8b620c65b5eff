"""System checks of the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import connections
from django.utils.module_loading import import_string

from carillon.conf import problems, settings
from carillon.realtime import log
from carillon.realtime.runtime import routes_of

SUPPORTED = ("sqlite", "postgresql")
RUNNERS = ("embedded", "none")
LAYER = "carillon.realtime.channel_layer.CarillonChannelLayer"


def check_database(**_: object) -> list[CheckMessage]:
    """`carillon.E002`: the database is SQLite or PostgreSQL; `carillon.W002`: SQLite begins its transactions IMMEDIATE."""
    connection = connections[log.alias()]
    if connection.vendor not in SUPPORTED:
        return [
            Error(
                f"Carillon does not support {connection.vendor}.", hint="Use SQLite or PostgreSQL.", id="carillon.E002"
            )
        ]
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor == "sqlite" and str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
        return [
            Warning(
                "SQLite does not begin its transactions IMMEDIATE: concurrent writers will fail with 'database is locked'.",
                hint='Set OPTIONS = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}.',
                id="carillon.W002",
            )
        ]
    return []


def check_time_zones(**_: object) -> list[CheckMessage]:
    """`carillon.E004`: times are aware, as every promise about order and expiry needs."""
    if django_settings.USE_TZ:
        return []
    return [Error("Carillon does not work with USE_TZ = False.", hint="Set USE_TZ = True.", id="carillon.E004")]


def check_values(**_: object) -> list[CheckMessage]:
    """`carillon.E003`: what `CARILLON` names exists, and its addresses have the form that they are compared in."""
    if problems(getattr(django_settings, "CARILLON", {})):
        # carillon.E001 says it; nothing can be read before that is put right.
        return []
    found = [*_unknown_names(), *_malformed_addresses()]
    return [
        Error(f"CARILLON[{key!r}] cannot be {value!r}.", hint=hint, id="carillon.E003") for key, value, hint in found
    ]


def check_query_tokens(**_: object) -> list[CheckMessage]:
    """`carillon.W005` (deploy): a dialect that is served takes tokens from the query string, where proxies log them."""
    if problems(getattr(django_settings, "CARILLON", {})) or not settings.ALLOW_QUERY_TOKEN:
        return []
    takers = [name for name in settings.DIALECTS if _takes_query_token(name)]
    if not takers:
        return []
    return [
        Warning(
            f"Clients of {', '.join(takers)} may put their token into the query string, which proxies write to their logs.",
            hint="Let clients offer it as a subprotocol or ask for a ticket, and set CARILLON['ALLOW_QUERY_TOKEN'] = False.",
            id="carillon.W005",
        )
    ]


def _takes_query_token(name: str) -> bool:
    try:
        return any(route.dialect.takes_query_token for route in routes_of(name))
    except ImportError:
        # carillon.E003 says that there is no such dialect.
        return False


def check_channel_layer(**_: object) -> list[CheckMessage]:
    """`carillon.I001`: a channel layer other than ours carries the host's groups, and our sockets hear none of it."""
    layers = getattr(django_settings, "CHANNEL_LAYERS", {})
    backend = str(layers.get("default", {}).get("BACKEND", LAYER))
    if backend == LAYER:
        return []
    return [
        Info(
            f"The default channel layer is {backend}: what is sent to a group reaches consumers, and none of Carillon's sockets.",
            hint=f"With BACKEND = {LAYER!r}, group_send('notifications_<id>', …) rings at once, and once.",
            id="carillon.I001",
        )
    ]


def check_channels_redis(**_: object) -> list[CheckMessage]:
    """`carillon.W006`: channels_redis' first layer under redis-py 8, which by default gives up on a silent server after 5 seconds."""
    return redis_pair(getattr(django_settings, "CHANNEL_LAYERS", {}), _major_version("redis"))


def redis_pair(layers: dict[str, Any], redis_major: int) -> list[CheckMessage]:
    """What to say of these layers on this major version of redis-py (0: it is not installed)."""
    if redis_major < 8:
        return []
    return [
        Warning(
            f"CHANNEL_LAYERS[{alias!r}] loses its consumers after 5 idle seconds: channels_redis.core does not know redis-py 8.",
            hint="Install redis<8, or set socket_timeout to None and max_connections to 10000 for each of its hosts.",
            id="carillon.W006",
        )
        for alias, layer in layers.items()
        if str(layer.get("BACKEND")).startswith("channels_redis.core.")
        and not all(
            isinstance(host, dict) and host.get("socket_timeout", 5) is None
            for host in layer.get("CONFIG", {}).get("hosts") or [""]
        )
    ]


def _major_version(package: str) -> int:
    try:
        return int(version(package).partition(".")[0])
    except PackageNotFoundError:
        return 0


_Found = Iterator[tuple[str, str, str]]


def _unknown_names() -> _Found:
    for key, path in (("BROKER", settings.BROKER), ("PERSON", settings.PERSON)):
        try:
            if path:
                import_string(path)
        except ImportError as error:
            yield key, path, f"The dotted path of something that can be imported is expected: {error}."
    for name in settings.DIALECTS:
        if not name.isidentifier() or find_spec(f"carillon.dialects.{name}") is None:
            yield "DIALECTS", name, "There is no dialect of that name."
    if settings.NOTIFICATIONS_DIALECT not in ("auto", *settings.DIALECTS):
        yield "NOTIFICATIONS_DIALECT", settings.NOTIFICATIONS_DIALECT, "auto, or one of DIALECTS, is expected."
    if settings.RUNNER not in RUNNERS:
        yield "RUNNER", settings.RUNNER, f"One of {', '.join(RUNNERS)} is expected."


def _malformed_addresses() -> _Found:
    prefix = settings.SOCKET_PREFIX
    if not (prefix.startswith("/") and prefix.endswith("/")):
        yield "SOCKET_PREFIX", prefix, "It begins and ends with a slash, like '/ws/'."
    if settings.PUBLIC_URL and not _origin_of(settings.PUBLIC_URL):
        yield "PUBLIC_URL", settings.PUBLIC_URL, "An address like 'https://example.org' is expected."
    for origin in settings.ALLOWED_ORIGINS:
        if _origin_of(origin) != origin:
            yield "ALLOWED_ORIGINS", origin, "It is compared with what browsers send: 'https://example.org', no path."


def _origin_of(url: str) -> str:
    """The origin of an http(s) address; empty for anything else."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""
