"""Session: one accepted socket from its sign-in to its end, whatever carries its frames."""

from __future__ import annotations

import asyncio
import logging
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid, TooMany, Unauthenticated, Unavailable
from carillon.realtime.connection import Connection, Outbound
from carillon.realtime.deadlines import Alarm, deadlines_of
from carillon.realtime.exchange import Exchange
from carillon.realtime.identity import Credential, Handshake
from carillon.realtime.routing import Address
from carillon.realtime.runtime import Runtime

logger = logging.getLogger(__name__)

# Seconds that what was said before a close has to be read.
LAST_WORDS = 10.0

# Of an id, twelve characters; so many are asked of the system together.
_ID_BYTES, _IDS = 9, 64
_random = bytearray()
os.register_at_fork(after_in_child=_random.clear)

OutboundMaker = Callable[[Callable[[], None]], Outbound]


class Session(Alarm):
    """Hands what a client sends to the exchange, and watches that it signs in and is heard."""

    __slots__ = (
        "_heard_at",
        "_is_anonymous",
        "_is_busy",
        "_loop",
        "connection",
        "credential",
        "exchange",
        "handshake",
        "is_over",
        "runtime",
    )

    def __init__(
        self,
        runtime: Runtime,
        address: Address,
        handshake: Handshake,
        credential: Credential | None,
        new_outbound: OutboundMaker,
    ) -> None:
        super().__init__()
        self.runtime, self.handshake, self.credential = runtime, handshake, credential
        self._loop = asyncio.get_running_loop()
        self.connection = Connection(_new_id(), address.dialect, new_outbound(self._give_up))
        self.exchange = Exchange(runtime, self.connection, handshake, address.opening)
        self._heard_at = self._loop.time()
        self._is_busy = self.is_over = False
        self._is_anonymous = credential is None
        if self._is_anonymous:
            runtime.anonymous[handshake.client] += 1
        runtime.connections.add(self.connection)

    async def begin(self, fault: CarillonError | None) -> None:
        """Sign in with the credential of the handshake, if any; a `fault` of the address is told, and that is all."""
        if fault is not None:
            self.connection.close(fault)
        elif self.credential is not None:
            await self._sign_in(self.credential)
            self.credential = None
        elif self.connection.dialect.signs_in_later:
            deadlines_of(self._loop).call_later(settings.AUTH_DEADLINE, self._check_deadline)
        else:
            self.connection.close(Unauthenticated("unauthenticated", "Sign in first."))

    def listen(self) -> None:
        """From now on silence counts."""
        self._heard_at = self._loop.time()
        self._watch_silence()

    async def take(self, text: str | None) -> None:
        """Answer one frame; None stands for one that is not text. Never raises."""
        self._heard_at = self._loop.time()
        if text is None:
            self.connection.close(Invalid("unsupported_media", "Text frames only."))
        elif len(text) > settings.FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > settings.FRAME_BYTES:
            self.connection.close(Invalid("too_large", f"A frame has at most {settings.FRAME_BYTES} bytes."))
        else:
            await self._take(text)

    def end(self) -> None:
        """Forget the connection, which takes no more; again does nothing."""
        if self.is_over:
            return
        self.is_over = True
        self._name_known()
        self.exchange.stop()
        self.stop_alarm()
        self.runtime.leave(self.connection)
        self.connection.is_closed = True

    async def _take(self, text: str) -> None:
        self._is_busy = True
        try:
            await self.runtime.pace.keep()
            await self.exchange.take(text)
        except Exception:
            logger.exception("a frame could not be answered")
            self.connection.close(CarillonError("internal", "Something went wrong here; it has been noted."))
        # What the client sent meanwhile is still to be read: it was not silent.
        self._is_busy, self._heard_at = False, self._loop.time()
        if self.connection.identity is not None:
            self._name_known()

    async def _sign_in(self, credential: Credential) -> None:
        try:
            await self.exchange.sign_in(credential)
        except CarillonError as error:
            self.connection.close(error)
        except Exception:
            logger.exception("a credential could not be verified")
            self.connection.close(Unavailable("unavailable", "Signing in is not possible now.", retry_after=5))
        else:
            await self.exchange.enter()

    def _give_up(self) -> None:
        self.runtime.slow_closed += 1
        self.connection.give_up()

    def _check_deadline(self) -> None:
        if self.connection.identity is None:
            self.connection.close(Unauthenticated("auth_timeout", "No credential was presented in time."))

    def _name_known(self) -> None:
        """Stop counting the address among those that have not signed in."""
        if self._is_anonymous:
            self._is_anonymous = False
            self.runtime.forget_anonymous(self.handshake.client)

    def _watch_silence(self) -> None:
        if not self.connection.dialect.has_heartbeat or self.connection.is_closed:
            return
        heard_at = self._loop.time() if self._is_busy else self._heard_at
        left = heard_at + settings.HEARTBEAT_TIMEOUT - self._loop.time()
        if left <= 0:
            self.connection.close(TooMany("heartbeat_timeout", "Nothing was heard from you."))
        else:
            self.set_alarm(left, Session._watch_silence)


def _new_id() -> str:
    """An id that nobody can guess; belongs to the event loop's thread."""
    if not _random:
        _random.extend(os.urandom(_ID_BYTES * _IDS))
    drawn = bytes(_random[-_ID_BYTES:])
    del _random[-_ID_BYTES:]
    return urlsafe_b64encode(drawn).decode()
