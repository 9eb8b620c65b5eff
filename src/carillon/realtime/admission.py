"""Admission: what many sockets ask of the database at once is asked in batches, first come first served, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from carillon.errors import Unauthenticated, Unavailable
from carillon.realtime import log
from carillon.realtime.event import Head
from carillon.realtime.identity import Credential, Handshake, Identity, many_verifier_of, present_stamps, verifier_of
from carillon.realtime.topic import user_topic

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_R = TypeVar("_R")

BEGUN_EACH_TICK = 8
ANSWERED_EACH_TICK = 4
VERIFIED_AT_ONCE = 32
ARRIVED_AT_ONCE = 64


class Batches(Generic[_T, _R]):
    """Hands what is asked at the same time to one call of `work`, in the order of asking.

    `work` gets at most `size` items and returns an answer, or an exception to raise, for each of them; at most `at_once`
    calls run. While more than `most_waiting` wait, who asks gets Unavailable `busy`, with a time to come back.
    """

    def __init__(
        self,
        work: Callable[[list[_T]], Awaitable[Sequence[_R | Exception]]],
        *,
        size: int = 16,
        at_once: int = 2,
        most_waiting: int = 0,
    ) -> None:
        self._work, self._size, self._at_once, self._most = work, size, at_once, most_waiting
        self._queue: deque[tuple[_T, asyncio.Future[_R]]] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether waiting is hopeless."""
        return 0 < self._most <= len(self._queue)

    async def ask(self, item: _T) -> _R:
        """The answer to this item; raises what `work` returned or raised, or Unavailable `busy`."""
        if self.is_full:
            raise Unavailable("busy", "Too many come at once; try again.", retry_after=5)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_R] = loop.create_future()
        self._queue.append((item, future))
        # Another call beside one in work is worth it for some, not for everybody who comes alone.
        if not self._calls or (len(self._calls) < self._at_once and len(self._queue) > self._size // 4):
            call = loop.create_task(self._serve())
            self._calls.add(call)
        return await future

    async def close(self) -> None:
        """Serve nobody any more."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        self._calls.clear()
        while self._queue:
            self._queue.popleft()[1].cancel()

    async def _serve(self) -> None:
        # Those who come in the same tick come along.
        await asyncio.sleep(0)
        while batch := self._next():
            try:
                answers = await self._work([item for item, _ in batch])
            except Exception as error:
                answers = [error] * len(batch)
            except BaseException:
                for _, future in batch:
                    future.cancel()
                raise
            for number, ((_, future), answer) in enumerate(zip(batch, answers, strict=True), start=1):
                _settle(future, answer)
                if number % ANSWERED_EACH_TICK == 0:
                    # What each of them does next is work of the loop, which others wait for.
                    await asyncio.sleep(0)

    def _next(self) -> list[tuple[_T, asyncio.Future[_R]]]:
        """What this call serves next; without any it ends, and whoever asks from now on begins another."""
        batch = self._take()
        if not batch:
            self._calls.discard(asyncio.current_task())
        return batch

    def _take(self) -> list[tuple[_T, asyncio.Future[_R]]]:
        """The next items of those who still wait."""
        batch: list[tuple[_T, asyncio.Future[_R]]] = []
        while self._queue and len(batch) < self._size:
            item, future = self._queue.popleft()
            if not future.done():
                batch.append((item, future))
        return batch


def _settle(future: asyncio.Future[_R], answer: _R | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


class Turns:
    """So many begin in one tick of the loop, in the order of coming; the others in the next ones."""

    def __init__(self, each_tick: int) -> None:
        self._each_tick = each_tick
        self._left = each_tick
        self._queue: deque[asyncio.Future[None]] = deque()
        self._is_ticking = False

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._queue)

    async def wait(self) -> None:
        """Return in one's turn: at once while few come."""
        loop = asyncio.get_running_loop()
        if not self._is_ticking:
            self._is_ticking = True
            loop.call_soon(self._tick, loop)
        if self._left and not self._queue:
            self._left -= 1
            return
        turn = loop.create_future()
        self._queue.append(turn)
        await turn

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._left = self._each_tick
        while self._queue and self._left:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        self._is_ticking = bool(self._queue) or self._left < self._each_tick
        if self._is_ticking:
            loop.call_soon(self._tick, loop)


class Arrival(msgspec.Struct, frozen=True):
    """What somebody finds who begins to follow their own topic: its head, and why they may not, if anything."""

    head: Head
    refusal: Exception | None


class Admission:
    """Sign-ins of one process: verified and checked again in batches, by few threads, so that commands find theirs free."""

    def __init__(self, call: Callable[..., Awaitable[Any]], *, at_once: int, most_waiting: int) -> None:
        self._call = call
        self._turns = Turns(BEGUN_EACH_TICK)
        self._verified = Batches(self._verify, size=VERIFIED_AT_ONCE, at_once=at_once, most_waiting=most_waiting)
        self._arrived = Batches(self._arrive, size=ARRIVED_AT_ONCE, at_once=1)

    @property
    def waiting(self) -> int:
        """How many sockets wait for their turn."""
        return self._turns.waiting + self._verified.waiting + self._arrived.waiting

    @property
    def is_full(self) -> bool:
        """Whether the next one is refused."""
        return self._verified.is_full

    async def turn(self) -> None:
        """Wait until a socket that comes may begin."""
        await self._turns.wait()

    async def verify(self, credential: Credential, handshake: Handshake) -> Identity:
        """Who is behind a credential; raises Unauthenticated, or Unavailable `busy` where too many wait."""
        return await self._verified.ask((credential, handshake))

    async def arrive(self, identity: Identity) -> Arrival:
        """Where the log of this person's own topic stands, and whether they may still follow it; both as of now, in this order."""
        return await self._arrived.ask(identity)

    async def close(self) -> None:
        """Admit nobody any more."""
        await self._verified.close()
        await self._arrived.close()

    async def _verify(self, presented: list[tuple[Credential, Handshake]]) -> list[Identity | Exception]:
        found: list[Identity | Exception] = await self._call(_verify_each, presented)
        return found

    async def _arrive(self, identities: list[Identity]) -> list[Arrival]:
        found: list[Arrival] = await self._call(_arrivals, identities)
        return found


def _verify_each(presented: list[tuple[Credential, Handshake]]) -> list[Identity | Exception]:
    known = _verify_together([credential for credential, _ in presented])
    return [known.get(credential) or _verify_one(credential, handshake) for credential, handshake in presented]


def _verify_together(credentials: list[Credential]) -> dict[Credential, Identity]:
    """Who is behind those that can be verified together; what goes wrong with them is told by verifying each."""
    known: dict[Credential, Identity] = {}
    for kind in {credential.kind for credential in credentials}:
        of_kind = [credential for credential in credentials if credential.kind == kind]
        many = many_verifier_of(kind)
        if many is None:
            continue
        try:
            found = many(of_kind)
        except Exception:
            logger.exception("credentials could not be verified together")
            continue
        known.update((credential, identity) for credential, identity in zip(of_kind, found, strict=True) if identity)
    return known


def _verify_one(credential: Credential, handshake: Handshake) -> Identity | Exception:
    try:
        verifier = verifier_of(credential.kind)
        if verifier is None:
            raise Unauthenticated("token_invalid", "This kind of credential is not accepted here.")
        return verifier(credential, handshake)
    except Exception as error:
        # One credential that cannot be verified is no reason to refuse those beside it.
        return error


def _arrivals(identities: list[Identity]) -> list[Arrival]:
    people = {identity.person for identity in identities}
    topics = {person: user_topic(person) for person in people}
    # The heads first: who is withdrawn after they were read is told so by an event that follows them.
    heads = log.heads(list(topics.values()))
    stamps = present_stamps(people)
    withdrawn = log.recent_withdrawals(list(topics.values()))
    own = ((identity, topics[identity.person]) for identity in identities)
    return [
        Arrival(heads[topic], _why_ended(identity, stamps, withdrawn.get(topic, frozenset())))
        for identity, topic in own
    ]


def _why_ended(identity: Identity, stamps: Mapping[str, str] | None, withdrawn: frozenset[str]) -> Exception | None:
    is_other = stamps is not None and stamps.get(identity.person) != identity.stamp
    ended = identity.principals.intersection(withdrawn) - {identity.person}
    return Unauthenticated("session_revoked", "You have been signed out.") if is_other or ended else None
