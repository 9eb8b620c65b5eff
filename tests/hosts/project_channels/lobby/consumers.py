"""What the host had before: a chat, a board in synchronous code, a bell, and a worker."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.consumer import AsyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer


class ChatConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """A room: what one says, all hear; `shout` is work for the worker."""

    async def connect(self) -> None:
        """For people who are signed in."""
        self.group = f"chat_{self.scope['url_route']['kwargs']['room']}"
        if not self.scope["user"].is_authenticated:
            await self.close(4401)
            return
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json({"hello": self.scope["user"].get_username()})

    async def disconnect(self, code: int) -> None:
        """Leave the room."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """Say it to the room, or have it shouted."""
        if "shout" in content:
            work = {"type": "shout", "text": content["shout"], "reply_to": self.channel_name}
            await self.channel_layer.send("shouts", work)
            return
        said = {"type": "chat.message", "text": content["text"], "by": self.scope["user"].get_username()}
        await self.channel_layer.group_send(self.group, said)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """One hears it."""
        await self.send_json({"text": event["text"], "by": event["by"]})


class BoardConsumer(JsonWebsocketConsumer):  # type: ignore[misc]
    """Everybody's board, in synchronous code, with Channels' own way of joining a group."""

    groups = ["board"]

    def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """Pin it for all."""
        async_to_sync(self.channel_layer.group_send)("board", {"type": "pinned", "text": content["text"]})

    def pinned(self, event: dict[str, Any]) -> None:
        """It is on the board."""
        self.send_json({"pinned": event["text"]})


class OwnBellConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """The bell that the host made itself, after the first document."""

    async def connect(self) -> None:
        """Join one's own group."""
        self.group = f"notifications_{self.scope['user'].pk}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def send_notification(self, event: dict[str, Any]) -> None:
        """It rings."""
        await self.send_json({"own": event["notification"]["title"]})


class ShoutWorker(AsyncConsumer):  # type: ignore[misc]
    """Work of a process of its own (`runworker shouts`)."""

    async def shout(self, message: dict[str, Any]) -> None:
        """Tell who asked for it."""
        done = {"type": "chat.message", "text": message["text"].upper(), "by": "worker"}
        await self.channel_layer.send(message["reply_to"], done)
