"""System checks of presence."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from carillon.conf import problems, settings


def check_values(**_: object) -> list[CheckMessage]:
    """`carillon.E005`: what the settings of presence name exists, and its seconds can be kept."""
    if problems(getattr(django_settings, "CARILLON", {})):
        # carillon.E001 says it; nothing can be read before that is put right.
        return []
    return [
        Error(f"CARILLON[{key!r}] cannot be {value!r}.", hint=hint, id="carillon.E005") for key, value, hint in _wrong()
    ]


def check_store(**_: object) -> list[CheckMessage]:
    """`carillon.W007`: a broker joins several processes, and each of them would count its own connections alone."""
    if problems(getattr(django_settings, "CARILLON", {})):
        return []
    if (
        not settings.BROKER
        or settings.BROKER.endswith(".MemoryBroker")
        or settings.REDIS_URL
        or settings.PRESENCE_STORE
    ):
        return []
    return [
        Warning(
            "Every process knows the presence of its own connections alone: BROKER is set, and no store is.",
            hint="Set CARILLON['REDIS_URL'], or CARILLON['PRESENCE_STORE'] to a store that the processes share.",
            id="carillon.W007",
        )
    ]


def _wrong() -> Iterator[tuple[str, object, str]]:
    for key in ("PRESENCE_STORE", "PRESENCE_VISIBLE"):
        path = getattr(settings, key)
        try:
            if path:
                import_string(path)
        except ImportError as error:
            yield key, path, f"The dotted path of something that can be imported is expected: {error}."
    for key in ("PRESENCE_LEASE", "PRESENCE_INTERVAL"):
        if getattr(settings, key) <= 0:
            yield key, getattr(settings, key), "It is more than 0."
    if not 0 <= settings.PRESENCE_GRACE <= settings.PRESENCE_LEASE:
        yield "PRESENCE_GRACE", settings.PRESENCE_GRACE, "It is at least 0, and no longer than PRESENCE_LEASE."
