"""What a host's tests need: captured notifications, background work on demand, and sockets without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carillon.testing.captured import Captured, capture_notifications
    from carillon.testing.sockets import Closed, FakeSocket, Refused, connect
    from carillon.testing.sweeps import run_sweeps

__all__ = ["Captured", "Closed", "FakeSocket", "Refused", "capture_notifications", "connect", "run_sweeps"]

_PLACES = {
    "Captured": "captured",
    "Closed": "sockets",
    "FakeSocket": "sockets",
    "Refused": "sockets",
    "capture_notifications": "captured",
    "connect": "sockets",
    "run_sweeps": "sweeps",
}


def __getattr__(name: str) -> Any:
    # pytest imports the plugin beside this file before Django is set up, and models cannot be imported then.
    from importlib import import_module

    if name in _PLACES:
        return getattr(import_module(f"carillon.testing.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
