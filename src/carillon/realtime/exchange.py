"""Exchange: one connection's commands, one at a time and in order, each with exactly one answer."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid, NotAllowed, TooMany, Unauthenticated, Unavailable
from carillon.realtime import command
from carillon.realtime.built_in import BUILT_IN, Authenticate, Authenticated, Subscribe, Subscribed, Unsubscribe
from carillon.realtime.carrying import carry_out
from carillon.realtime.command import Caller, Command, Nothing, Reply
from carillon.realtime.connection import Connection
from carillon.realtime.deadlines import Alarm
from carillon.realtime.dialect import Heartbeat, Hello, Limits, TokenExpiring
from carillon.realtime.identity import Credential, Handshake, Identity
from carillon.realtime.limits import Bucket
from carillon.realtime.runtime import Runtime
from carillon.realtime.topic import Access, Topic, may_follow, user_topic

__all__ = ["BUILT_IN", "Exchange"]

logger = logging.getLogger(__name__)

_WARNING = 60.0


class Exchange:
    """Answers what one connection asks; owns its budget, its expiry and its credential."""

    __slots__ = (
        "_alarm",
        "_budget",
        "_credential",
        "_excess",
        "_faults",
        "_loop",
        "_reverifying",
        "connection",
        "handshake",
        "runtime",
    )

    def __init__(self, runtime: Runtime, connection: Connection, handshake: Handshake) -> None:
        self.runtime, self.connection, self.handshake = runtime, connection, handshake
        self._loop = asyncio.get_running_loop()
        self._budget = Bucket(settings.COMMANDS_PER_SECOND, settings.COMMAND_BURST, self._loop.time())
        # Made for those who need them: most clients send nothing wrong, and not too fast.
        self._faults: Bucket | None = None
        self._excess: Bucket | None = None
        self._credential: Credential | None = None
        self._alarm = Alarm(self._loop)
        self._reverifying: asyncio.Task[None] | None = None

    # Signing in.

    async def sign_in(self, credential: Credential) -> None:
        """Verify a credential; raises Unauthenticated, or Unavailable `busy`. The first time, `enter` follows."""
        identity = await self.runtime.admission.verify(credential, self.handshake)
        if self.connection.identity and identity.person != self.connection.person:
            raise Invalid("identity_mismatch", "This connection belongs to another person.")
        self.connection.identity = identity
        # Only what never expires is verified again.
        self._credential = credential if identity.expires_at is None else None
        self._watch_expiry(identity)

    async def enter(self) -> None:
        """Follow one's own topic and say hello; where that cannot be, the connection is closed."""
        try:
            await self._enter()
        except CarillonError as error:
            self.connection.close(error)
        except Exception:
            logger.exception("a connection could not be begun")
            self.connection.close(Unavailable("unavailable", "Signing in is not possible now.", retry_after=5))

    async def _enter(self) -> None:
        identity = self.connection.identity
        assert identity is not None  # noqa: S101 - sign_in has just set it
        if not self.runtime.enter(self.connection):
            raise TooMany("connection_limit", "You have too many open connections.", retry_after=30)
        topic = user_topic(identity.person)

        async def access() -> Access:
            await self.runtime.admission.check_again(identity)
            return Access()

        subscription = await self.runtime.hub.attach(self.connection, topic, None, access)
        assert subscription is not None  # noqa: S101 - only a position can be void
        self.connection.tell(
            Hello(
                connection=self.connection.id,
                person=identity.face,
                user_topic=str(topic),
                position=subscription.position,
                limits=Limits(
                    settings.FRAME_BYTES,
                    settings.TOPICS_PER_CONNECTION,
                    settings.COMMANDS_PER_SECOND,
                    settings.COMMAND_BURST,
                ),
                heartbeat=Heartbeat(settings.HEARTBEAT_INTERVAL, settings.HEARTBEAT_TIMEOUT),
            )
        )
        await self.runtime.hub.replay(subscription)

    def _watch_expiry(self, identity: Identity) -> None:
        left = (
            settings.REVERIFY_INTERVAL if identity.expires_at is None else max(0.0, identity.expires_at - time.time())
        )
        if identity.expires_at is None:
            self._alarm.set(left, self._reverify)
        elif left > _WARNING:
            self._alarm.set(left - _WARNING, self._warn)
        else:
            self._alarm.set(left, self._expire)

    def _warn(self) -> None:
        self._alarm.set(_WARNING, self._expire)
        self.connection.tell(TokenExpiring(_WARNING))

    def _expire(self) -> None:
        self.connection.close(Unauthenticated("token_expired", "Your access has expired; sign in again."))

    def _reverify(self) -> None:
        self._reverifying = self._loop.create_task(self._verify_again())

    async def _verify_again(self) -> None:
        credential = self._credential
        if credential is None or credential.kind == "ticket":
            return  # A ticket is spent; the stamps say whether its person may stay.
        try:
            await self.sign_in(credential)
        except Unauthenticated as error:
            self.connection.close(error)
        except Exception:
            logger.exception("a credential could not be verified again")
            self._alarm.set(settings.REVERIFY_INTERVAL, self._reverify)

    def stop(self) -> None:
        """Cancel what this exchange would still do."""
        self._alarm.stop()
        if self._reverifying is not None:
            self._reverifying.cancel()

    # Commands.

    async def take(self, frame: str) -> None:
        """Answer one text frame; errors are told, and close the connection only when they persist."""
        if self.runtime.is_draining:
            # Nobody hears the answer any more: the client asks again where it comes back.
            return
        try:
            request = self.connection.dialect.decode(frame)
        except CarillonError as error:
            self._refuse_frame(error)
            return
        self.runtime.in_work.add(self.connection)
        try:
            self._budget.demand(self._loop.time(), "You are sending too fast.")
            await self._answer(request)
        except CarillonError as error:
            self._refuse(error, request.ref)
        except (OperationalError, InterfaceError):
            logger.exception("a command met a database that does not answer")
            self._refuse(Unavailable("unavailable", "This is not possible now; try again.", retry_after=2), request.ref)
        except Exception:
            logger.exception("a command failed")
            self._refuse(CarillonError("internal", "Something went wrong here; it has been noted."), request.ref)
        finally:
            self.runtime.in_work.discard(self.connection)

    def _refuse_frame(self, error: CarillonError) -> None:
        """Tell that a frame makes no sense; of too many in a minute the last one closes, as malformed (4003)."""
        now = self._loop.time()
        if self._faults is None:
            self._faults = Bucket(settings.FAULTS_PER_MINUTE / 60, settings.FAULTS_PER_MINUTE, now)
        is_forgiven = error.slug != "malformed" or self.connection.dialect.forgives_syntax
        if self._faults.take(now) or not is_forgiven:
            self.connection.close(Invalid("malformed", error.message, details=error.details))
        else:
            self.connection.refuse(error)

    def _refuse(self, error: CarillonError, ref: str | None) -> None:
        is_persistent = error.slug == "rate_limited" and self._is_excessive()
        if is_persistent or (self.connection.identity is None and isinstance(error, Unauthenticated)):
            self.connection.close(error, ref)
        else:
            self.connection.refuse(error, ref)

    def _is_excessive(self) -> bool:
        if self._excess is None:
            self._excess = Bucket(1.0, 5 * settings.COMMAND_BURST, self._loop.time())
        return self._excess.take(self._loop.time()) > 0

    async def _answer(self, request: Command) -> None:
        if request.name == "authenticate":
            await self._authenticate(request)
        elif self.connection.identity is None:
            raise Unauthenticated("unauthenticated", "Sign in first.")
        elif request.name == "ping":
            self._reply(request, Nothing())
        elif request.name == "subscribe":
            await self._subscribe(request)
        elif request.name == "unsubscribe":
            self._unsubscribe(request)
        else:
            await self._execute(request)

    async def _authenticate(self, request: Command) -> None:
        params = _params(request, Authenticate)
        is_first = self.connection.identity is None
        await self.sign_in(Credential("bearer", params.token))
        identity = self.connection.identity
        assert identity is not None  # noqa: S101 - signed in above
        self._reply(request, Authenticated(identity.face, identity.expires_at))
        if is_first:
            await self.enter()

    def _unsubscribe(self, request: Command) -> None:
        topic = Topic.parse(_params(request, Unsubscribe).topic)
        if topic == user_topic(self.connection.person):
            # There one hears that one was signed out.
            raise NotAllowed("forbidden", "Your own topic cannot be left.")
        self.runtime.hub.detach(self.connection, topic)
        self._reply(request, Nothing())

    async def _subscribe(self, request: Command) -> None:
        params = _params(request, Subscribe)
        topic, identity = Topic.parse(params.topic), self.connection.identity
        following = self.connection.subscriptions
        if topic not in following and len(following) >= settings.TOPICS_PER_CONNECTION:
            raise TooMany("subscription_limit", f"At most {settings.TOPICS_PER_CONNECTION} topics a connection.")

        async def access() -> Access | None:
            return await self.runtime.call(may_follow, identity, topic) if identity else None

        subscription = await self.runtime.hub.attach(self.connection, topic, params.position, access)
        if subscription is None:
            self._reply(request, Subscribed(str(topic), None))
            return
        self._reply(request, Subscribed(str(topic), subscription.position))
        await self.runtime.hub.replay(subscription)

    async def _execute(self, request: Command) -> None:
        definition = command.definition_of(request.name)
        params = definition.validate(request.data)
        identity = self.connection.identity
        assert identity is not None  # noqa: S101 - checked by _answer
        self.runtime.bucket_of(identity.person, self._loop.time()).demand(
            self._loop.time(), "You are sending too fast."
        )
        caller = Caller(identity=identity, connection=self.connection.id)
        data = await carry_out(self.runtime.call, definition, caller, params, request.client_id)
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=msgspec.Raw(data)))
        )

    def _reply(self, request: Command, data: msgspec.Struct) -> None:
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=data))
        )


def _params(request: Command, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(request.data, kind)
    except msgspec.ValidationError as error:
        raise command.invalid_field(error) from None
