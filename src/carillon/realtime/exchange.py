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
from carillon.realtime import command, log
from carillon.realtime.built_in import BUILT_IN, Authenticate, Authenticated, Subscribe, Subscribed, Unsubscribe
from carillon.realtime.command import Caller, Command, Definition, Nothing, Reply
from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Heartbeat, Hello, Limits, TokenExpiring
from carillon.realtime.event import encode_json
from carillon.realtime.idempotency import run_once
from carillon.realtime.identity import Credential, Handshake, Identity, present_stamps, verifier_of
from carillon.realtime.limits import Bucket
from carillon.realtime.runtime import Runtime
from carillon.realtime.topic import Access, Topic, may_follow, user_topic

__all__ = ["BUILT_IN", "Exchange", "carry_out"]

logger = logging.getLogger(__name__)

_WARNING = 60.0


class Exchange:
    """Answers what one connection asks; owns its budget, its expiry and its credential."""

    def __init__(self, runtime: Runtime, connection: Connection, handshake: Handshake) -> None:
        self.runtime, self.connection, self.handshake = runtime, connection, handshake
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._budget = Bucket(settings.COMMANDS_PER_SECOND, settings.COMMAND_BURST, now)
        self._faults = Bucket(settings.FAULTS_PER_MINUTE / 60, settings.FAULTS_PER_MINUTE, now)
        self._excess = Bucket(1.0, 5 * settings.COMMAND_BURST, now)
        self._credential: Credential | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._reverifying: asyncio.Task[None] | None = None

    # Signing in.

    async def sign_in(self, credential: Credential) -> None:
        """Verify a credential; raises Unauthenticated. The first time, `enter` follows."""
        verifier = verifier_of(credential.kind)
        if verifier is None:
            raise Unauthenticated("token_invalid", "This kind of credential is not accepted here.")
        identity = await self.runtime.call(verifier, credential, self.handshake)
        if self.connection.identity and identity.person != self.connection.person:
            raise Invalid("identity_mismatch", "This connection belongs to another person.")
        self.connection.identity, self._credential = identity, credential
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
            return await self.runtime.call(_check_again, identity, topic)

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
        self._stop_timers()
        if identity.expires_at is None:
            self._timers = [self._loop.call_later(settings.REVERIFY_INTERVAL, self._reverify)]
            return
        left = max(0.0, identity.expires_at - time.time())
        self._timers = [self._loop.call_later(left, self._expire)]
        if left > _WARNING:
            self._timers.append(self._loop.call_later(left - _WARNING, self.connection.tell, TokenExpiring(_WARNING)))

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
            self._timers = [self._loop.call_later(settings.REVERIFY_INTERVAL, self._reverify)]

    def stop(self) -> None:
        """Cancel what this exchange would still do."""
        self._stop_timers()
        if self._reverifying is not None:
            self._reverifying.cancel()

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    # Commands.

    async def take(self, frame: str) -> None:
        """Answer one text frame; errors are told, and close the connection only when they persist."""
        try:
            request = self.connection.dialect.decode(frame)
        except CarillonError as error:
            self._refuse_frame(error)
            return
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

    def _refuse_frame(self, error: CarillonError) -> None:
        """Tell that a frame makes no sense; of too many in a minute the last one closes, as malformed (4003)."""
        is_forgiven = error.slug != "malformed" or self.connection.dialect.forgives_syntax
        if self._faults.take(self._loop.time()) or not is_forgiven:
            self.connection.close(Invalid("malformed", error.message, details=error.details))
        else:
            self.connection.refuse(error)

    def _refuse(self, error: CarillonError, ref: str | None) -> None:
        is_persistent = error.slug == "rate_limited" and self._excess.take(self._loop.time())
        if is_persistent or (self.connection.identity is None and isinstance(error, Unauthenticated)):
            self.connection.close(error, ref)
        else:
            self.connection.refuse(error, ref)

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
        data = await self.runtime.call(carry_out, definition, caller, params, request.client_id)
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=msgspec.Raw(data)))
        )

    def _reply(self, request: Command, data: msgspec.Struct) -> None:
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=data))
        )


def carry_out(definition: Definition, caller: Caller, params: msgspec.Struct, client_id: str | None) -> bytes:
    """Run a command's handler in this thread; with a `client_id`, at most once. Returns the reply as JSON."""

    def work() -> Any:
        answer = definition.handler(caller, params)
        return lambda: encode_json(answer() if callable(answer) else answer)

    if definition.is_write and client_id is not None:
        return run_once(caller.person, definition.name, client_id, params, work)[0]
    made: bytes = work()()
    return made


def _params(request: Command, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(request.data, kind)
    except msgspec.ValidationError as error:
        raise command.invalid_field(error) from None


def _check_again(identity: Identity, topic: Topic) -> Access:
    """Whether a person may still connect, now that their topic is followed; raises Unauthenticated.

    Between the check of the credential and this moment they may have been signed out.
    """
    stamps = present_stamps([identity.person])
    is_other = stamps is not None and stamps.get(identity.person) != identity.stamp
    ended = identity.principals.intersection(log.recent_withdrawals(topic)) - {identity.person}
    if is_other or ended:
        raise Unauthenticated("session_revoked", "You have been signed out.")
    return Access()
