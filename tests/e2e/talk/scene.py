"""One interleaving: a conversation in which people come and go, block each other and speak, several of them at once.

The same seed is the same steps; threads and the database decide how those of one moment meet.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError

from carillon.conversations import actions
from carillon.errors import CarillonError
from carillon.realtime import runtime
from tests.e2e.talk.devices import Device
from tests.e2e.talk.line import PATIENCE, FickleBroker
from tests.e2e.talk.spans import ask

MOMENTS = 14
Step = Callable[[], Awaitable[None]]


class Lenient:
    """What lets somebody in again, or ends a block: how often it was begun, and whether it goes on."""

    def __init__(self) -> None:
        self._begun: Counter[Any] = Counter()
        self._going_on: Counter[Any] = Counter()

    @contextmanager
    def under_way(self, key: Any) -> Iterator[None]:
        """While it goes on."""
        self._begun[key] += 1
        self._going_on[key] += 1
        try:
            yield
        finally:
            self._going_on[key] -= 1

    def count(self, key: Any) -> int:
        """How often it was begun; -1 where it goes on."""
        return -1 if self._going_on[key] else self._begun[key]

    def is_as(self, key: Any, before: int) -> bool:
        """Whether nothing of it was begun since, nor went on then."""
        return before >= 0 and before == self._begun[key]


class Scene:
    """A group or a room of some of these people, and the direct conversation of the first two."""

    def __init__(self, devices: Sequence[Device], direct: int, seed: str, seen: Counter[str]) -> None:
        self.devices, self.direct, self.seen = devices, direct, seen
        self.chance = random.Random(seed)
        self.people = list(dict.fromkeys(device.user for device in devices))
        self.kind = self.chance.choice(("group", "group", "room"))
        self.conversation = 0
        self.faults: list[str] = []
        # Who is known to be out, and which blocks are known to hold, with what was written by then; whoever begins to
        # let somebody in, or to end a block, makes it unknown until the next removal or block that nobody meets.
        self._out: set[str] = set()
        self._blocks: dict[tuple[str, str], int] = {}
        self._lenient = Lenient()

    async def play(self) -> None:
        """Open the conversation, let everything happen, and bring all members back and up to date."""
        FickleBroker.chance, FickleBroker.is_down = self.chance, self.chance.random() < 0.3
        first = self.people[: self.chance.randint(2, len(self.people))]
        made = await self._act(
            "open", actions.open_conversation, first[0], self.kind, first[1:], title="Scene", check=False
        )
        self.conversation = made.pk
        self._out = {str(person.pk) for person in self.people[len(first) :]}
        for device in self.devices:
            device.watch(self.conversation)
        await asyncio.gather(*(self._come(device) for device in self.devices if self.chance.random() < 0.7))
        for _ in range(MOMENTS):
            steps = [self._step() for _ in range(self.chance.choice((1, 1, 2, 3, 4)))]
            await asyncio.gather(*(step() for step in steps))
        await self._end()

    # What may happen.

    def _step(self) -> Step:
        device = self.chance.choice(self.devices)
        content = f"Said {self.chance.randrange(10**9)}"
        steps: list[tuple[int, Step]] = [
            (6, lambda: self._send(self.chance.choice(self.people), content)),
            (5, lambda: self._remove(*self._two(is_out=False))),
            (6, lambda: self._add(*self._two(is_out=True))),
            (1, lambda: self._leave(self.chance.choice(self.people))),
            (6, lambda: self._come(device)),
            (1, device.go),
            (1, device.disconnect),
            (2, lambda: self._look(device)),
            (2, lambda: self._list(device)),
            (2, self._follow_up),
            (3, runtime.current().hub.sweep),
            (2, lambda: self._block(*self._pair())),
            (2, lambda: self._unblock(*self._pair())),
            (3, lambda: self._write(*self._pair(), content)),
        ]
        return self.chance.choices([step for _, step in steps], [weight for weight, _ in steps])[0]

    def _two(self, *, is_out: bool) -> tuple[Any, Any]:
        """Most often somebody who may, and somebody to whom it means something."""
        fitting = [each for each in self.people[1:] if (str(each.pk) in self._out) == is_out]
        if not fitting or self.chance.random() < 0.2:
            actor, other = self.chance.sample(self.people, 2)
            return actor, other
        return self.people[0], self.chance.choice(fitting)

    def _pair(self) -> tuple[Any, Any]:
        pair = self.people[:2]
        return (pair[0], pair[1]) if self.chance.random() < 0.5 else (pair[1], pair[0])

    async def _act(self, what: str, action: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Carry out an action in a thread of the server's; None where it was refused."""
        try:
            done = await runtime.current().call(action, *arguments, **options)
        except CarillonError as error:
            self.seen[f"{what} {error.slug}"] += 1
            if error.slug in ("busy", "internal"):
                self.faults.append(f"{what}: {error.slug}")
            return None
        except DatabaseError as error:
            # No action lets one out: whoever asked would be told of a failure of ours.
            self.faults.append(f"{what}: {error!r}")
            return None
        self.seen[what] += 1
        return done

    # Coming and going.

    async def _remove(self, actor: Any, person: Any) -> None:
        await self._go_away(person, "remove", actions.remove_member, actor, self.conversation, person)

    async def _leave(self, person: Any) -> None:
        await self._go_away(person, "leave", actions.leave, person, self.conversation)

    async def _go_away(self, person: Any, what: str, action: Callable[..., Any], *arguments: Any) -> None:
        key = str(person.pk)
        before = self._lenient.count(key)
        if await self._act(what, action, *arguments) is not None and self._lenient.is_as(key, before):
            self._out.add(key)

    async def _add(self, actor: Any, person: Any) -> None:
        key = str(person.pk)
        self._out.discard(key)
        with self._lenient.under_way(key):
            await self._act("add", actions.add_members, actor, self.conversation, [person], check=False)

    async def _if_out(self, person: str, what: str, work: Awaitable[Any]) -> Any:
        """Do something as somebody; who was out all the while must not succeed."""
        was_out, before = person in self._out, self._lenient.count(person)
        done = await work
        if done and was_out and person in self._out and self._lenient.is_as(person, before):
            self.faults.append(f"{person} was out, and could {what}")
        return done

    async def _send(self, person: Any, content: str) -> None:
        work = self._act("send", actions.send_message, person, self.conversation, content)
        await self._if_out(str(person.pk), "send", work)

    async def _come(self, device: Device) -> None:
        if await self._if_out(device.person, "follow", device.come()):
            self.seen["come"] += 1

    async def _look(self, device: Device) -> None:
        await self._if_out(device.person, "read", device.look())

    async def _list(self, device: Device) -> None:
        await self._if_out(device.person, "list", device.list())

    async def _follow_up(self) -> None:
        await self._act("follow up", actions.follow_up)

    # Blocking, and writing to who blocks.

    async def _block(self, one: Any, other: Any) -> None:
        pair = (str(one.pk), str(other.pk))
        before = self._lenient.count(pair)
        done = await self._act("block", actions.block, one, other)
        if done is not None and pair not in self._blocks:
            written = await self._written()
            if self._lenient.is_as(pair, before):
                self._blocks.setdefault(pair, written)

    async def _unblock(self, one: Any, other: Any) -> None:
        pair = (str(one.pk), str(other.pk))
        with self._lenient.under_way(pair):
            since = self._blocks.pop(pair, None)
            if since is not None and since != await self._written():
                self.faults.append(f"something was written while {pair} was blocked")
            await self._act("unblock", actions.unblock, one, other)

    async def _write(self, one: Any, other: Any, content: str) -> None:
        blocks = {pair: self._lenient.count(pair) for pair in self._blocks}
        if await self._act("write", actions.send_message, one, self.direct, content) is not None:
            held = [pair for pair, count in blocks.items() if self._lenient.is_as(pair, count)]
            if held:
                self.faults.append(f"{one.pk} could write to {other.pk} though {held} is blocked")

    async def _written(self) -> int:
        query = "SELECT count(*) FROM carillon_conversations_message WHERE conversation_id = %s"
        rows = await runtime.current().call(ask, query, self.direct)
        return int(rows[0][0])

    # The end.

    async def _end(self) -> None:
        """Members come back, from wherever they were; then all that is known in the log is delivered."""
        for one, other in (self.people[:2], self.people[1::-1]):
            await self._unblock(one, other)
        while await self._act("follow up", actions.follow_up):
            pass
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._is_calm():
                    await runtime.current().hub.sweep()
                    await asyncio.sleep(0.002)
        except TimeoutError:
            self.faults.append("somebody is not up to date, however long one waits")

    async def _is_calm(self) -> bool:
        """Have those who do not follow it come; true where none of them may, and all others have everything."""
        stays = [device.stay for device in self.devices]
        away = [device for device, stay in zip(self.devices, stays, strict=True) if stay is None]
        if any([await self._if_out(device.person, "follow", device.come()) for device in away]):
            return False
        query = 'SELECT "offset" FROM carillon_realtime_topichead WHERE topic = %s'
        [(head,)] = await runtime.current().call(ask, query, f"conversation:{self.conversation}")
        # Who is cut only now, for a removal long past, comes back too.
        return all(
            device.stay is stay and (stay is None or stay.last >= head)
            for device, stay in zip(self.devices, stays, strict=True)
        )
