"""A Channels consumer as its documentation writes it, on the in-memory layer; no sign-in, nothing stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

if not settings.configured:
    settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from bench.servers.control import run, with_control

_ticks = iter(range(1_000_000, 10_000_000))


class Consumer(AsyncJsonWebsocketConsumer):
    """Everybody is in one group."""

    groups = ["bench"]

    async def tick(self, event: dict[str, Any]) -> None:
        """Pass an event on."""
        await self.send_json(event["frame"])


async def _tell() -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    frame = {"type": "bench.tick", "topic": "bench:1", "at": now, "data": {"n": next(_ticks), "text": "x" * 100}}
    await get_channel_layer().group_send("bench", {"type": "tick", "frame": frame})
    return ""


if __name__ == "__main__":
    application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", Consumer.as_asgi())])})
    run(with_control(application, {b"b": _tell}, knows_lifespan=False))
