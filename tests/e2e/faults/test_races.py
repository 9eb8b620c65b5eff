"""Subscribing and resuming while events are committed at every seam of it (GUARANTEES R4), judged as all else here."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from carillon.realtime.connection import Connection
from carillon.realtime.event import Head, Position, Slice
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Access, Topic
from tests.e2e.faults import plans
from tests.e2e.faults.checker import Reader, Verdict, log_of
from tests.e2e.faults.history import Record, Row
from tests.kernel.fakes import FakeLog, ManualBroker, connection
from tests.kernel.virtual_time import VirtualLoop

TOPIC = Topic("hall", "1")
ROUNDS = 500
SEAMS = (
    "before the topic is subscribed to",
    "before its head is read",
    "after its head is read",
    "while access is checked",
    "before the page is read",
    "after the page is read",
    "between the answer and the replay",
)


class SeamedLog(FakeLog):
    """A log that says when it is about to be read and when it has been."""

    def __init__(self, at: Callable[[str], None]) -> None:
        super().__init__()
        self._at = at

    async def heads(self, topics: Sequence[Topic]) -> dict[Topic, Head]:
        self._at("before its head is read")
        found = await super().heads(topics)
        self._at("after its head is read")
        return found

    async def read(self, topic: Topic, after: int, limit: int) -> Slice:
        self._at("before the page is read")
        page = await super().read(topic, after, limit)
        self._at("after the page is read")
        return page


class SmallHub(Hub):
    """A hub that soon needs another page, and soon has no more room."""

    PAGE = 4
    HELD = 6


class Race:
    """One resume, with a burst of events at one seam; their hints come, come late, come twice or never."""

    def __init__(self, seam: str, chance: random.Random) -> None:
        self.seam, self.chance = seam, chance
        self.loop = VirtualLoop()
        self.log, self.broker = SeamedLog(self.at), ManualBroker()
        self.hub = SmallHub(self.log, self.broker)  # type: ignore[arg-type]
        self.late: list[Callable[[], None]] = []
        self.bursts = 0
        self.loop.do(self.broker.start(self.hub.receive))

    def at(self, seam: str) -> None:
        """Publish a few events where this is the seam, once."""
        if seam != self.seam or self.bursts:
            return
        self.bursts += 1
        for _ in range(self.chance.randint(1, 9)):
            event = self.log.append(TOPIC)
            fate = self.chance.choice(("now", "now", "late", "twice", "never"))
            for _ in range({"now": 1, "twice": 2}.get(fate, 0)):
                self.broker.publish([event])
            if fate in {"late", "twice"}:
                self.late.append(partial(self.broker.publish, [event]))

    def run(self) -> Verdict:
        """Resume from anywhere, let all hints come, sweep, and judge."""
        for _ in range(self.chance.randint(0, 12)):
            self.log.append(TOPIC)
        if self.chance.random() < 0.5:
            # Somebody follows already, and may be behind.
            self.loop.do(self.follow(connection("bruno"), None, is_raced=False))
            for _ in range(self.chance.randint(0, 5)):
                self.log.append(TOPIC)
        head = self.log.head(TOPIC)
        position = Position(head.epoch, self.chance.randint(0, head.offset)) if self.chance.random() < 0.8 else None
        alice = connection("alice")
        after = self.loop.do(self.follow(alice, position, is_raced=True))
        self.chance.shuffle(self.late)
        for publish in self.late:
            self.loop.call(publish)
        self.loop.advance(1)
        self.loop.begin(self.hub.sweep())
        self.loop.advance(1)
        verdict = self.judge(alice, after)
        self.loop.finish()
        return verdict

    async def follow(self, made: Connection, position: Position | None, *, is_raced: bool) -> Position:
        """As a connection's exchange does it; returns where delivery begins."""
        seam, self.seam = self.seam, self.seam if is_raced else ""
        self.at("before the topic is subscribed to")

        async def access() -> Access:
            self.at("while access is checked")
            return Access()

        subscription = await self.hub.attach(made, TOPIC, position, access)
        assert subscription is not None
        begins = subscription.position
        self.at("between the answer and the replay")
        await self.hub.replay(subscription)
        self.seam = seam
        return begins

    def judge(self, made: Connection, after: Position) -> Verdict:
        """What the client saw against the log."""
        rows = [Row(str(TOPIC), event.epoch, event.offset) for event in self.log.events[TOPIC]]
        seen = [
            Record("event", 1, frame["topic"], frame["epoch"], frame["offset"])
            for frame in made.outbound.frames  # type: ignore[attr-defined]
        ]
        follow = Record("follow", 1, str(TOPIC), after.epoch, after.offset)
        return Reader("alice", log_of(rows)).read([Record("open", 1), follow, *seen])


@pytest.mark.parametrize("seam", SEAMS)
def test_nothing_is_lost_at_a_seam(seam: str) -> None:
    chance = random.Random(f"{plans.seed()}/{seam}")
    total, bursts = Verdict(), Counter[int]()
    for _ in range(ROUNDS):
        race = Race(seam, chance)
        total.add(race.run())
        bursts[race.bursts] += 1
    assert total.is_clean, f"{plans.SEED}={plans.seed()}: {total}"
    # Without a position no page is read, and where nobody followed before, the head is read once.
    assert bursts[1] > ROUNDS / 3
