"""A Channels host as source 000 describes it: URLRouter, its own middleware, our fronts beside a consumer of its own."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.dialects.host_settings")
django = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - once Django is set up
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from carillon.consumers import ChatConsumer, NotificationConsumer  # noqa: E402


class HostConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """What the host had before: it joins the document's group itself."""

    async def connect(self) -> None:
        self.group = f"notifications_{self.scope['user'].pk}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def send_notification(self, event: dict[str, Any]) -> None:
        """The handler that the document names."""
        await self.send_json({"type": "hosts own", "id": event["notification"]["id"]})


application = ProtocolTypeRouter(
    {
        "http": django,
        "websocket": AuthMiddlewareStack(
            URLRouter(
                [
                    re_path(r"ws/notifications/$", NotificationConsumer.as_asgi()),
                    re_path(r"ws/chat/$", ChatConsumer.as_asgi()),
                    re_path(r"ws/hosts-own/$", HostConsumer.as_asgi()),
                ]
            )
        ),
    }
)
