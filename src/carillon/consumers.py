"""The documents' consumers under their own names, in one module as source 000 has them (REQUIREMENTS 000-04, 000-05, 002-05)."""

from __future__ import annotations

from carillon.dialects.bell.consumers import NotificationConsumer
from carillon.dialects.rooms.consumers import ChatConsumer

__all__ = ["ChatConsumer", "NotificationConsumer"]
