"""Where leases are kept: one file for each kind of store, and the one that the settings name."""

from __future__ import annotations

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.presence.stores.base import Store
from carillon.presence.stores.memory import MemoryStore

_current: list[Store] = []


def new_store() -> Store:
    """The store that the settings name: `PRESENCE_STORE`, or else Redis where there is a `REDIS_URL`, or else this process's memory."""
    if settings.PRESENCE_STORE:
        store: Store = import_string(settings.PRESENCE_STORE)()
        return store
    if settings.REDIS_URL:
        from carillon.presence.stores.redis import RedisStore

        return RedisStore(settings.REDIS_URL)
    return MemoryStore()


def current() -> Store:
    """The store of this process, for all of its threads."""
    if not _current:
        _current.append(new_store())
    return _current[0]


def forget() -> None:
    """Make a new one the next time."""
    _current.clear()


def _forget_settings(*, setting: str, **_: object) -> None:
    if setting == "CARILLON":
        forget()


setting_changed.connect(_forget_settings)
