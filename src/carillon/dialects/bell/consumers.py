"""`NotificationConsumer`, for hosts that route by hand as source 000 does (REQUIREMENTS 000-04)."""

from __future__ import annotations

from carillon.dialects.bell.frames import BellDialect
from carillon.realtime.front import Front


class NotificationConsumer(Front):
    """`re_path(r"ws/notifications/$", NotificationConsumer.as_asgi())` in a Channels URLRouter."""

    dialects = (BellDialect(),)
