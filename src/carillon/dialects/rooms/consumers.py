"""`ChatConsumer`, for hosts that route by hand as source 002 does (REQUIREMENTS 002-05)."""

from __future__ import annotations

from carillon.dialects.rooms.frames import RoomsDialect
from carillon.realtime.front import Front


class ChatConsumer(Front):
    """`re_path(r"ws/chat/$", ChatConsumer.as_asgi())` in a Channels URLRouter."""

    dialects = (RoomsDialect(),)
