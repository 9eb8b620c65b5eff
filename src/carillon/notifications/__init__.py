"""Notifications: one entry for one person, durable and live. `from carillon.notifications import notify` is all most hosts need."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carillon.notifications.actions import anotify, notify, settle_buttons
    from carillon.notifications.buttons import Button, pressed
    from carillon.notifications.kinds import register_kind

__all__ = ["Button", "anotify", "notify", "pressed", "register_kind", "settle_buttons"]

# Where each stands.
_PLACES = {
    "Button": "buttons",
    "anotify": "actions",
    "notify": "actions",
    "pressed": "buttons",
    "register_kind": "kinds",
    "settle_buttons": "actions",
}


def __getattr__(name: str) -> Any:
    # Models cannot be imported before the apps are ready, and hosts import us from their own models.py.
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
