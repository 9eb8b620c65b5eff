"""Admission: what many sockets ask of the database at once is asked in batches, first come first served, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from carillon.errors import Unauthenticated
from carillon.realtime import log
from carillon.realtime.batches import Batches, Calls
from carillon.realtime.event import Head
from carillon.realtime.identity import Credential, Handshake, Identity, many_verifier_of, present_stamps, verifier_of
from carillon.realtime.topic import Access, Topic, may_follow, user_topic

logger = logging.getLogger(__name__)

BEGUN_EACH_TICK = 8
VERIFIED_AT_ONCE = 32
ARRIVED_AT_ONCE = 64
# Rules of hosts may ask the database for each: no more of them wait for a slow one.
FOLLOWED_AT_ONCE = 32


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
    """What somebody finds who begins to follow a topic: its head, and whether they may; `refusal` is to be raised."""

    head: Head
    access: Access | None = None
    refusal: Exception | None = None


class Admission:
    """Sign-ins of one process, and leave to follow topics: in batches, by few threads, so that commands find theirs free."""

    def __init__(
        self, call: Callable[..., Awaitable[Any]], *, at_once: int, most_waiting: int, rules_at_once: int = 1
    ) -> None:
        self._call = call
        self._turns = Turns(BEGUN_EACH_TICK)
        calls = Calls()
        self._verified = Batches(
            self._verify, size=VERIFIED_AT_ONCE, at_once=at_once, most_waiting=most_waiting, calls=calls
        )
        self._arrived = Batches(self._arrive, size=ARRIVED_AT_ONCE, at_once=1, calls=calls)
        self._followed = Batches(self._follow, size=FOLLOWED_AT_ONCE, at_once=rules_at_once, calls=calls)

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

    async def follow(self, identity: Identity, topic: Topic) -> Arrival:
        """Where the log of a topic stands, and whether this person may follow it; both as of now, in this order."""
        return await self._followed.ask((identity, topic))

    async def close(self) -> None:
        """Admit nobody any more."""
        for batches in (self._verified, self._arrived, self._followed):
            await batches.close()

    async def _verify(self, presented: list[tuple[Credential, Handshake]]) -> list[Identity | Exception]:
        found: list[Identity | Exception] = await self._call(_verify_each, presented)
        return found

    async def _arrive(self, identities: list[Identity]) -> list[Arrival]:
        found: list[Arrival] = await self._call(_arrivals, identities)
        return found

    async def _follow(self, asked: list[tuple[Identity, Topic]]) -> list[Arrival]:
        found: list[Arrival] = await self._call(_leaves, asked)
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
        Arrival(heads[topic], _EVERYTHING, _why_ended(identity, stamps, withdrawn.get(topic, frozenset())))
        for identity, topic in own
    ]


def _why_ended(identity: Identity, stamps: Mapping[str, str] | None, withdrawn: frozenset[str]) -> Exception | None:
    is_other = stamps is not None and stamps.get(identity.person) != identity.stamp
    ended = withdrawn.intersection(identity.principals) - {identity.person}
    return Unauthenticated("session_revoked", "You have been signed out.") if is_other or ended else None


_EVERYTHING = Access()


def _leaves(asked: list[tuple[Identity, Topic]]) -> list[Arrival]:
    # The heads first, for the same reason.
    heads = log.heads(list({topic for _, topic in asked}))
    return [_leave(identity, topic, heads[topic]) for identity, topic in asked]


def _leave(identity: Identity, topic: Topic, head: Head) -> Arrival:
    try:
        return Arrival(head, may_follow(identity, topic))
    except Exception as error:
        # What goes wrong with one is told to that one.
        return Arrival(head, refusal=error)
