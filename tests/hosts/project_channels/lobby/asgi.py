"""The host's ASGI application as Channels' own tutorial has it, and `mount` around it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lobby.settings")
django = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - once Django is set up
from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from carillon.realtime.mount import mount  # noqa: E402
from lobby import consumers  # noqa: E402

application = mount(
    ProtocolTypeRouter(
        {
            "http": django,
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(
                    URLRouter(
                        [
                            path("ws/chat/<slug:room>/", consumers.ChatConsumer.as_asgi()),
                            path("ws/board/", consumers.BoardConsumer.as_asgi()),
                            path("ws/own-bell/", consumers.OwnBellConsumer.as_asgi()),
                        ]
                    )
                )
            ),
            "channel": ChannelNameRouter({"shouts": consumers.ShoutWorker.as_asgi()}),
        }
    )
)
