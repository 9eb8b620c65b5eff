"""Exchange: one connection's commands, one at a time and in order, each with exactly one answer."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from typing import Any, cast

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
from carillon.realtime.dialect import Attends, Opening, TokenExpiring
from carillon.realtime.following import arrive, follow, follow_own, hello_to
from carillon.realtime.identity import Credential, Handshake, Identity
from carillon.realtime.limits import Bucket
from carillon.realtime.runtime import Runtime
from carillon.realtime.topic import Topic, user_topic

__all__ = ["BUILT_IN", "Exchange"]

logger = logging.getLogger(__name__)

_WARNING = 60.0


class Exchange(Alarm):
    """Answers what one connection asks; owns its budget, its expiry and its credential."""

    __slots__ = (
        "_budget",
        "_credential",
        "_excess",
        "_faults",
        "_loop",
        "_opening",
        "_reverifying",
        "connection",
        "handshake",
        "runtime",
    )

    def __init__(self, runtime: Runtime, connection: Connection, handshake: Handshake, opening: Opening) -> None:
        super().__init__()
        self.runtime, self.connection, self.handshake, self._opening = runtime, connection, handshake, opening
        self._loop = asyncio.get_running_loop()
        # Made for those who need them: most clients send nothing wrong, and not too fast.
        self._budget: Bucket | None = None
        self._faults: Bucket | None = None
        self._excess: Bucket | None = None
        self._credential: Credential | None = None
        self._reverifying: asyncio.Task[None] | None = None

    # Signing in.

    async def sign_in(self, credential: Credential, claimed: str | None = None) -> None:
        """Verify a credential; raises Unauthenticated, or Unavailable `busy`. The first time, `enter` follows.

        Raises Invalid `identity_mismatch` where it is not that of the person that is claimed, or of the one who is signed in.
        """
        identity = await self.runtime.admission.verify(credential, self.handshake)
        _compare(identity.person, claimed)
        if self.connection.identity:
            _compare(identity.person, self.connection.person)
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
        subscription = await follow_own(self.runtime, self.connection, identity)
        self.connection.tell(hello_to(self.connection, identity, subscription))
        await self.runtime.hub.replay(subscription)
        if self._opening.topics:
            await arrive(self.runtime, self.connection, self._opening.topics)
            await self._attend()

    def _watch_expiry(self, identity: Identity) -> None:
        left = (
            settings.REVERIFY_INTERVAL if identity.expires_at is None else max(0.0, identity.expires_at - time.time())
        )
        if identity.expires_at is None:
            self.set_alarm(left, Exchange._reverify)
        elif left > _WARNING:
            self.set_alarm(left - _WARNING, Exchange._warn)
        else:
            self.set_alarm(left, Exchange._expire)

    def _warn(self) -> None:
        self.set_alarm(_WARNING, Exchange._expire)
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
            self.set_alarm(settings.REVERIFY_INTERVAL, Exchange._reverify)

    def stop(self) -> None:
        """Cancel what this exchange would still do."""
        self.stop_alarm()
        if self._reverifying is not None:
            self._reverifying.cancel()

    # Commands.

    async def take(self, frame: str) -> None:
        """Answer one text frame; errors are told, and close the connection only when they persist."""
        if self.runtime.is_draining:
            # Nobody hears the answer any more: the client asks again where it comes back.
            return
        try:
            request = self._read(frame)
        except CarillonError as error:
            self._refuse_frame(error)
            return
        self.runtime.in_work.add(self.connection)
        try:
            self._demand()
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

    def _read(self, frame: str) -> Command:
        """The command in a frame, with what the address says; raises Invalid."""
        request = self.connection.dialect.decode(frame)
        if self._opening.data:
            request = msgspec.structs.replace(request, data={**request.data, **self._opening.data})
        return request

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
        else:
            _compare(self.connection.person, request.person)
            await self._carry_out(request)

    async def _carry_out(self, request: Command) -> None:
        match request.name:
            case "ping":
                self._reply(request, Nothing())
            case "subscribe":
                await self._subscribe(request)
            case "unsubscribe":
                await self._unsubscribe(request)
            case _:
                self._demand_of_person()
                await self._execute(request)

    async def _authenticate(self, request: Command) -> None:
        is_first = self.connection.identity is None
        if request.person is not None and "token" not in request.data:
            # Saying who one is shows nothing: it is true of who is signed in, or it is refused.
            if is_first:
                raise Unauthenticated("unauthenticated", "Sign in with a token: saying who you are is not enough.")
            _compare(self.connection.person, request.person)
        else:
            await self.sign_in(Credential("bearer", _params(request, Authenticate).token), request.person)
        identity = self.connection.identity
        assert identity is not None  # noqa: S101 - signed in above
        self._reply(request, Authenticated(identity.face, identity.expires_at))
        if is_first:
            await self.enter()

    async def _unsubscribe(self, request: Command) -> None:
        topic = Topic.parse(_params(request, Unsubscribe).topic)
        if topic == user_topic(self.connection.person):
            # There one hears that one was signed out.
            raise NotAllowed("forbidden", "Your own topic cannot be left.")
        self.runtime.hub.detach(self.connection, topic)
        self._reply(request, Nothing())
        await self._attend()

    async def _subscribe(self, request: Command) -> None:
        params = _params(request, Subscribe)
        topic = Topic.parse(params.topic)
        subscription = await follow(self.runtime, self.connection, topic, params.position)
        if subscription is None:
            self._reply(request, Subscribed(str(topic), None))
            return
        self._reply(request, Subscribed(str(topic), subscription.position))
        await self.runtime.hub.replay(subscription)
        await self._attend()

    async def _attend(self) -> None:
        """Carry out what goes with the topics that are followed now; nobody asked, so nobody is refused."""
        dialect = self.connection.dialect
        if not _attends(type(dialect)):
            return
        for request in cast(Attends, dialect).attends([*self.connection.subscriptions]):
            try:
                await self._execute(request)
            except CarillonError as error:
                logger.debug("%s was not possible: %s", request.name, error)
            except Exception:
                logger.exception("%s failed", request.name)

    def _demand(self) -> None:
        now = self._loop.time()
        if self._budget is None:
            self._budget = Bucket(settings.COMMANDS_PER_SECOND, settings.COMMAND_BURST, now)
        self._budget.demand(now, "You are sending too fast.")

    def _demand_of_person(self) -> None:
        now = self._loop.time()
        self.runtime.bucket_of(self.connection.person, now).demand(now, "You are sending too fast.")

    async def _execute(self, request: Command) -> None:
        definition = command.definition_of(request.name)
        params = definition.validate(request.data)
        identity = self.connection.identity
        assert identity is not None  # noqa: S101 - checked by _answer
        caller = Caller(identity=identity, connection=self.connection.id, client_id=request.client_id)
        data = await carry_out(self.runtime.call, definition, caller, params, request.client_id)
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=msgspec.Raw(data)))
        )
        for work in caller.afterwards:
            work(self.connection)

    def _reply(self, request: Command, data: msgspec.Struct) -> None:
        self.connection.say(
            self.connection.dialect.encode_reply(Reply(ref=request.ref, command=request.name, data=data))
        )


@functools.cache
def _attends(dialect: type) -> bool:
    """Whether dialects of this type attend; to look at each method anew takes a good part of a subscription's time."""
    return issubclass(dialect, Attends)


def _compare(person: str, claimed: str | None) -> None:
    if claimed is not None and claimed != person:
        raise Invalid("identity_mismatch", "This connection belongs to another person.")


def _params(request: Command, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(request.data, kind)
    except msgspec.ValidationError as error:
        raise command.invalid_field(error) from None
