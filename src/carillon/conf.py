"""The `CARILLON` setting, parsed once into a frozen dataclass; each key typed, defaulted and documented."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


def _key(default: Any, doc: str) -> Any:
    if isinstance(default, dict | list):
        return field(default_factory=lambda: default, metadata={"doc": doc})
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Settings:
    """Everything a host may set in `CARILLON = {...}`."""

    DIALECTS: tuple[str, ...] = _key(("native",), "Ways of speaking that are served, by name.")
    NOTIFICATIONS_DIALECT: str = _key(
        "auto",
        "Which of two dialects on one path an undeclared client speaks, by name; auto: ?token= tells (REQUIREMENTS C3).",
    )
    SOCKET_PREFIX: str = _key(
        "/ws/", "Path under which Carillon answers WebSockets; unknown paths below it are refused in words."
    )
    PUBLIC_URL: str = _key(
        "", "Origin under which people reach this server, such as https://example.org; used for absolute links."
    )
    REQUIRE_TLS: bool = _key(
        False,
        "Whether a socket that did not come by TLS is closed 1008 (REQUIREMENTS 004-41); SECURE_PROXY_SSL_HEADER counts as in Django.",
    )
    ALLOWED_ORIGINS: tuple[str, ...] = _key(
        (), "Origins besides our own whose pages may use a session cookie on a socket."
    )
    BROKER: str = _key(
        "",
        "Dotted path of a broker of your own, made without arguments; empty: Redis where REDIS_URL is set, else the process's memory.",
    )
    REDIS_URL: str = _key(
        "",
        "Redis that carries hints between processes (redis://, rediss://, unix://); its loss delays and loses nothing.",
    )
    PERSON: str = _key(
        "", "Dotted path of a function (user) -> Person that replaces the public face taken from Profile."
    )
    FRAME_BYTES: int = _key(65_536, "Largest frame a client may send, in bytes; a longer one closes 1009.")
    CONNECTIONS_PER_PERSON: int = _key(
        30, "Open sockets one person may hold; the next is closed 4006 (REQUIREMENTS 004-44)."
    )
    ANONYMOUS_PER_ADDRESS: int = _key(
        20, "Sockets of one address that have not signed in yet; the next is refused with HTTP 429."
    )
    TOPICS_PER_CONNECTION: int = _key(100, "Topics one connection may follow.")
    COMMANDS_PER_SECOND: float = _key(
        10.0, "Commands a connection may send each second, on average (REQUIREMENTS 004-43)."
    )
    COMMAND_BURST: int = _key(20, "Commands a connection may send at once.")
    PERSON_COMMANDS_PER_SECOND: float = _key(
        20.0, "Commands a person may send each second over all their connections of a process."
    )
    FAULTS_PER_MINUTE: int = _key(10, "Frames that make no sense before the connection is closed 4003.")
    SIGN_INS_AT_ONCE: int = _key(2, "Threads of a process that verify credentials when many sockets come at once.")
    SIGN_INS_WAITING: int = _key(
        5000, "Sockets of a process that may wait to be verified; the next is refused with HTTP 503, or closed 1013."
    )
    AUTH_DEADLINE: float = _key(10.0, "Seconds a new socket has to present a credential.")
    HEARTBEAT_INTERVAL: float = _key(20.0, "Seconds between a native client's pings.")
    HEARTBEAT_TIMEOUT: float = _key(40.0, "Seconds of silence after which a native connection is closed 4012.")
    REVERIFY_INTERVAL: float = _key(300.0, "Seconds after which a credential without known expiry is verified again.")
    OUTBOUND_BYTES: int = _key(1_048_576, "Bytes that may wait for a slow reader before it counts as slow.")
    SLOW_SECONDS: float = _key(10.0, "Seconds over that bound before a slow reader is closed 4009.")
    LINGER: float = _key(10.0, "Seconds a topic stays followed by the process after its last subscriber.")
    SWEEP_INTERVAL: tuple[float, float] = _key(
        (2.0, 5.0), "Bounds in seconds between two looks at the heads of followed topics."
    )
    LOOK_INTERVAL: float = _key(
        0.25,
        "On SQLite, seconds between two looks whether anybody committed (PRAGMA data_version); then heads are read.",
    )
    RECHECK_INTERVAL: float = _key(5.0, "Seconds between two checks that connected people may still be connected.")
    RETENTION_DAYS: float = _key(7.0, "Days the log keeps events for resume.")
    RETENTION_EVENTS: int = _key(10_000, "Events the log keeps per topic, whichever bound is met first.")
    THREADS: int = _key(8, "Threads of a process that run commands and other database work of sockets.")
    TICKET_SECONDS: int = _key(30, "Seconds a one-time ticket is good for.")
    ALLOW_QUERY_TOKEN: bool = _key(
        True, "Whether dialects whose documents ask for it may take ?token=; never on the native socket."
    )
    RUNNER: str = _key("embedded", "Who runs background work: embedded, or none when carillon_worker or Celery does.")
    FANOUT_ABOVE: int = _key(20, "Recipients above which notify() hands over to a background fan-out.")
    BRAKE_PER_MINUTE: int = _key(
        300, "Notifications of one kind for one person in a minute before the brake holds the rest; 0: no brake."
    )
    IDEMPOTENCY_HOURS: float = _key(24.0, "Hours for which a repeated write with the same key gets the first answer.")
    MAY_CONTACT: str = _key(
        "",
        "Dotted path of a function (key of a user, queryset of users) -> those whom that user may find and write to; empty: all.",
    )
    FIND_PEOPLE: str = _key(
        "",
        "Dotted path of a function (queryset of users, text) -> those whom the text means; empty: by Profile and user names.",
    )
    PRESENCE_STORE: str = _key(
        "",
        "Dotted path of a store of presence of your own, made without arguments; empty: Redis where REDIS_URL is set, else memory.",
    )
    PRESENCE_VISIBLE: str = _key(
        "",
        "Dotted path of a function (viewer, people) -> those whose presence the viewer may see; replaces every rule of features.",
    )
    PRESENCE_LEASE: float = _key(
        30.0, "Seconds for which a connection counts without being renewed; renewed three times in that time."
    )
    PRESENCE_GRACE: float = _key(
        5.0, "Seconds for which a closed connection still counts, so that a reload is no news."
    )
    PRESENCE_INTERVAL: float = _key(1.0, "Seconds over which changes of presence are collected into one frame.")
    OUTLETS: Mapping[str, str] = _key(
        {},
        "Outlets of your own: dotted paths of what makes one, by name, beside email, webhook and push or instead of them.",
    )
    KIND_OUTLETS: Mapping[str, tuple[str, ...]] = _key(
        {}, "Outlets by kind of notification, instead of those that the kind was registered with; () for none."
    )
    EMAIL_DELAY: float = _key(
        60.0,
        "Seconds before a notification is mailed, so that what is read meanwhile is not; those of severity error wait for none.",
    )
    SITE_NAME: str = _key("", "What e-mails call your product; empty: the host of PUBLIC_URL.")
    WEBHOOK_URL: str = _key(
        "", "Address that the outlets webhook and push post to; https, or http within your network."
    )
    WEBHOOK_SECRET: str = _key("", "What those posts are signed with, as text or after whsec_ in base64.")
    DELIVERY_DAYS: float = _key(30.0, "Days for which finished deliveries of outlets are kept, for the admin to show.")
    LANGUAGES: tuple[str, ...] = _key(
        ("fr", "en"), "Languages notifications are rendered in; the first is the fallback."
    )


_REAL: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}


def _fits(value: Any, annotation: str) -> bool:
    if annotation.startswith("tuple"):
        return isinstance(value, list | tuple)
    if annotation.startswith("Mapping"):
        return isinstance(value, dict)
    return isinstance(value, _REAL[annotation]) and (annotation == "bool" or not isinstance(value, bool))


def problems(given: dict[str, Any]) -> list[str]:
    """Say in words what is wrong with a `CARILLON` dict; an empty list when all is well."""
    known = {f.name: str(f.type) for f in fields(Settings)}
    found = [f"CARILLON has an unknown key {key!r}." for key in given if key not in known]
    found += [
        f"CARILLON[{key!r}] must be of type {known[key]}, not {type(value).__name__}."
        for key, value in given.items()
        if key in known and not _fits(value, known[key])
    ]
    return found


def _parse() -> Settings:
    given: dict[str, Any] = getattr(django_settings, "CARILLON", {})
    wrong = problems(given)
    if wrong:
        raise ImproperlyConfigured(" ".join(wrong))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Settings(**values)


class _Proxy:
    """Reads the parsed settings; parsed at first use and again after `override_settings`."""

    def __getattr__(self, name: str) -> Any:
        # Kept as attributes of its own: a socket that opens asks for thirty of them, and is not to call a function for each.
        parsed = _parse()
        vars(self).update((key.name, getattr(parsed, key.name)) for key in fields(parsed))
        return object.__getattribute__(self, name)

    def forget(self, *, setting: str, **_: object) -> None:
        if setting == "CARILLON":
            vars(self).clear()


_proxy = _Proxy()
setting_changed.connect(_proxy.forget)
settings = typing.cast("Settings", _proxy)


def require_apps(name: str, *needed: str) -> None:
    """Raise ImproperlyConfigured when INSTALLED_APPS lacks what the app `name` cannot work without.

    Raised while apps are loaded: models of a missing app fail on import, long before a system check could say why.
    """
    missing = [app for app in needed if not apps.is_installed(app)]
    if missing:
        raise ImproperlyConfigured(
            f"{name} needs {' and '.join(missing)}: add {'it' if len(missing) == 1 else 'them'} to INSTALLED_APPS."
        )


def check_settings(**_: object) -> list[CheckMessage]:
    """System check `carillon.E001`: every key of `CARILLON` is known and of its type."""
    return [Error(text, id="carillon.E001") for text in problems(getattr(django_settings, "CARILLON", {}))]
