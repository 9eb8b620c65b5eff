"""Notifications: one entry for one person, durable and live. `from carillon.notifications import notify` is all most hosts need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carillon.notifications.actions import anotify, notify
    from carillon.notifications.kinds import register_kind

__all__ = ["anotify", "notify", "register_kind"]


def __getattr__(name: str) -> Any:
    # Models cannot be imported before the apps are ready, and hosts import us from their own models.py.
    if name == "register_kind":
        from carillon.notifications import kinds

        return kinds.register_kind
    if name in ("anotify", "notify"):
        from carillon.notifications import actions

        return getattr(actions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
