"""A Channels consumer as its documentation writes it; no sign-in, nothing stored.

LAYER names its channel layer (memory, core, pubsub, ours), HOST what serves it (uvicorn, daphne, ours).
"""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings

REDIS = os.environ.get("BENCH_REDIS", "")
HOSTS = {"hosts": [REDIS]}
LAYERS: dict[str, dict[str, Any]] = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "core": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": HOSTS},
    "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": HOSTS},
    "ours": {"BACKEND": "carillon.realtime.channel_layer.CarillonChannelLayer"},
}
LAYER, HOST = os.environ.get("LAYER", "memory"), os.environ.get("HOST", "uvicorn")
OURS = ["django.contrib.contenttypes", "django.contrib.auth", "carillon.jobs", "carillon.realtime"]

if not settings.configured:
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["channels", *(OURS if LAYER == "ours" else [])],
        CHANNEL_LAYERS={"default": LAYERS[LAYER]},
        CARILLON={"REDIS_URL": REDIS, "RUNNER": "none", "DIALECTS": []},
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}} if LAYER == "ours" else {},
        LOGGING_CONFIG=None,
        ROOT_URLCONF="bench.servers.stock",
        USE_TZ=True,
    )
    django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402

from bench.servers import plain, sampler  # noqa: E402
from bench.servers.control import listen, ports, run, with_control  # noqa: E402

urlpatterns: list[Any] = []


class Consumer(AsyncJsonWebsocketConsumer):
    """Each socket is in one group, which its address names."""

    async def connect(self) -> None:
        """Join, then accept."""
        self.group = f"bench.{plain.topic_of(self.scope)}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def tick(self, event: dict[str, Any]) -> None:
        """Pass an event on."""
        await self.send_json(event["frame"])


async def tell(number: int, count: int, size: int) -> str:
    """Send to a group."""
    for _ in range(count):
        message = {"type": "tick", "frame": plain.tick(number, size)}
        await get_channel_layer().group_send(f"bench.{number}", message)
    return ""


WORKS = {"b": tell}


def on_daphne(application: Any) -> None:
    """Serve on daphne, which knows no lifespan."""
    from daphne.server import Server
    from twisted.internet import reactor

    port = ports()[0]

    def is_up() -> None:
        # Twisted runs on asyncio here: its loop is the one that serves.
        loop = reactor._asyncioEventloop
        loop.create_task(listen(WORKS))

    Server(
        application, endpoints=[f"tcp:port={port}:interface=127.0.0.1:backlog=4096"], ready_callable=is_up, verbosity=0
    ).run()


def main() -> None:
    """Run the server that HOST names."""
    sampler.start_if_asked()
    application: Any = ProtocolTypeRouter(
        {"http": get_asgi_application(), "websocket": URLRouter([path("ws/", Consumer.as_asgi())])}
    )
    if HOST == "daphne":
        on_daphne(application)
    elif HOST == "ours":
        from carillon.realtime.mount import mount
        from carillon.server import serving

        run(with_control(mount(application), WORKS, knows_lifespan=True), **serving.options())
    else:
        run(with_control(application, WORKS, knows_lifespan=False))


if __name__ == "__main__":
    main()
