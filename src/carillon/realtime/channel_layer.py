"""A Channels channel layer over our broker, named in CHANNEL_LAYERS as `carillon.realtime.channel_layer.CarillonChannelLayer`.

Messages to groups and to channels of another process go by the broker; ordinary channels stay in the process
that writes to them, for work that must be done once is a row here, not a message.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer
from django.db import close_old_connections
from django.utils import timezone

from carillon.realtime import claims, hints, idle_hops, log
from carillon.realtime.dialect import Claim
from carillon.realtime.event import Event
from carillon.realtime.mailboxes import Full, Mailboxes
from carillon.realtime.runtime import current, listen
from carillon.realtime.topic import Topic

logger = logging.getLogger(__name__)

_SENT = "channels.message"


class _Parcel(msgspec.Struct, frozen=True, array_like=True):
    """A message on its way between processes: from which process, and to which group or channel of the layer."""

    origin: str
    group: str
    channel: str
    message: bytes


class CarillonChannelLayer(BaseChannelLayer):  # type: ignore[misc]
    """Groups, single channels, expiry and capacity as Channels specifies them; what is dropped is counted.

    `spare_idle_hops`: its consumers enter the database thread before a message only where a connection is to be closed.
    """

    extensions = ("groups", "flush")

    def __init__(
        self,
        expiry: float = 60,
        group_expiry: float = 86400,
        capacity: int = 100,
        channel_capacity: Mapping[Any, int] | None = None,
        prefix: str = "carillon",
        spare_idle_hops: bool = True,
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.spare_idle_hops = spare_idle_hops
        if spare_idle_hops:
            idle_hops.install()
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self.prefix, self.process = prefix, secrets.token_hex(8)
        self._mailboxes = Mailboxes(expiry, group_expiry)
        listen(self)

    # The API of Channels.

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send to one channel; raises ChannelFull where it is one of this process and holds too much."""
        self.require_valid_channel_name(channel)
        data = _encode(message)
        home = _home_of(channel)
        if home not in ("", self.process):
            self._carry(self._topic("channel", home), _Parcel(self.process, "", channel, data))
            return
        try:
            self._mailboxes.put(channel, data, self.get_capacity(channel))
        except Full as error:
            raise ChannelFull(channel) from error

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message on a channel, once there is one."""
        self.require_valid_channel_name(channel)
        return _decode(await self._mailboxes.get(channel))

    async def new_channel(self, prefix: str = "specific") -> str:
        """The name of a channel that only this process reads."""
        if self.spare_idle_hops:
            # A consumer asks for its channel as the first thing in its own context.
            idle_hops.spare()
        return f"{prefix}.{self.process}!{secrets.token_hex(8)}"

    async def group_add(self, group: str, channel: str) -> None:
        """Give a channel of this process what is sent to the group."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self._mailboxes.join(group, channel)
        await self._follow(group)

    async def group_discard(self, group: str, channel: str) -> None:
        """Give it no more."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self._mailboxes.leave(group, channel)
        await self._follow(group)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to every channel of a group, in every process; a full channel gets nothing.

        A group that a dialect claims is also a person's sockets in it: a stored notification that the message names
        is announced if it was not yet, on the caller's own connection, and one that names none is said as it is.
        """
        self.require_valid_group_name(group)
        data = _encode(message)
        for dialect, claim in claims.of(group, message):
            # In the caller's thread: a transaction that is open there is on that thread's connection.
            await sync_to_async(_redeem, thread_sensitive=True)(dialect, claim)
        self._give(group, data)
        self._carry(self._topic("group", group), _Parcel(self.process, group, "", data))

    async def flush(self) -> None:
        """Forget every message and every group of this process."""
        groups = self._mailboxes.groups()
        self._mailboxes.clear()
        for group in groups:
            await self._follow(group)

    async def close(self) -> None:
        """Nothing is open that the process's runtime does not close."""

    # What the broker carries.

    def topics(self) -> Iterable[Topic]:
        """This process's own, and those of the groups that have members here."""
        return [
            self._topic("channel", self.process),
            *(self._topic("group", name) for name in self._mailboxes.groups()),
        ]

    def hear(self, events: Sequence[Event]) -> None:
        """Hand parcels from other processes to those here who wait for them."""
        for event in events:
            if event.type == _SENT:
                parcel = msgspec.msgpack.decode(base64.b64decode(event.data.strip(b'"')), type=_Parcel)
                if parcel.origin != self.process:
                    self._unpack(event.topic, parcel)

    def _unpack(self, topic: Topic, parcel: _Parcel) -> None:
        if parcel.group and topic == self._topic("group", parcel.group):
            self._give(parcel.group, parcel.message)
        elif parcel.channel and topic == self._topic("channel", self.process):
            self._put(parcel.channel, parcel.message)

    def _give(self, group: str, data: bytes) -> None:
        for channel in self._mailboxes.members(group):
            self._put(channel, data)

    def _put(self, channel: str, data: bytes) -> None:
        try:
            self._mailboxes.put(channel, data, self.get_capacity(channel))
        except Full:
            logger.warning("channel %s is full; a message was dropped", channel)

    def _carry(self, topic: Topic, parcel: _Parcel) -> None:
        # JSON text, as every event's data is; the message itself may hold bytes.
        data = b'"' + base64.b64encode(msgspec.msgpack.encode(parcel)) + b'"'
        hints.send([Event(topic=topic, type=_SENT, data=data, at=timezone.now())])

    async def _follow(self, group: str) -> None:
        """Have the broker bring what others send to a group that has members here."""
        topic, runtime = self._topic("group", group), current()
        is_wanted = bool(self._mailboxes.members(group))
        await runtime.carry(topic, is_wanted=is_wanted)
        if not is_wanted and self._mailboxes.members(group):
            # Somebody joined while the last one left.
            await runtime.carry(topic, is_wanted=True)

    def _topic(self, kind: str, name: str) -> Topic:
        # Names of groups may be longer than a topic's, and begin with anything.
        return Topic(kind, hashlib.blake2b(f"{self.prefix}:{name}".encode(), digest_size=16).hexdigest())


def _redeem(dialect: str, claim: Claim) -> None:
    connection = log.connection()
    is_new = connection.connection is None
    try:
        claims.redeem(dialect, claim)
    finally:
        if is_new:
            # Given back as at the end of a request; a connection that was open before is the caller's.
            close_old_connections()


def _home_of(channel: str) -> str:
    """The process that reads a channel; empty where any may."""
    local, mark, _ = channel.partition("!")
    return local.rpartition(".")[2] if mark else ""


def _encode(message: Any) -> bytes:
    if not isinstance(message, dict):
        raise TypeError("A message is a dict.")
    return msgspec.msgpack.encode(message)


def _decode(data: bytes) -> dict[str, Any]:
    message: dict[str, Any] = msgspec.msgpack.decode(data)
    return message
