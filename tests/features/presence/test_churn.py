"""Hundreds of people on one to four devices each, reloads, kills and lost hints (GUARANTEES G8, R20); in virtual time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carillon.presence.view import BELIEVED
from carillon.realtime.connection import Connection
from tests.features.presence.village import Frame, Node, Village, device, told
from tests.kernel.virtual_time import VirtualLoop
from tests.support.covers import covers

PEOPLE, NODES, SECONDS = 300, 4, 120
GRACE = 5.0
# How long a change may take to be told: collected, carried, and collected once more.
DELAY = 3.0


class Person:
    """Somebody, and since when nobody could have seen them."""

    def __init__(self, name: str, devices: int) -> None:
        self.name, self.devices = name, devices
        self.connected: dict[Connection, Node] = {}
        self.away: set[Connection] = set()
        self.gone_at: float | None = 0.0
        # The last time without any device that was longer than the grace: its end.
        self.missed_until = 0.0

    @property
    def state(self) -> str:
        if not self.connected:
            return "offline"
        return "away" if len(self.away) == len(self.connected) else "online"


class Churn:
    """Moves people about, and listens to a watcher in each process."""

    def __init__(self, loop: VirtualLoop, *, lost: float) -> None:
        self.loop, self.village = loop, Village(loop, NODES, seed=20, lost=lost)
        self.chance = self.village.chance
        self.people = {str(number): Person(str(number), 1 + number % 4) for number in range(PEOPLE)}
        self.views: list[dict[str, str]] = []
        self.flaps: list[str] = []
        for node in self.village.nodes:
            view = dict.fromkeys(self.people, "offline")
            self.views.append(view)
            self.village.watch(node, list(self.people), lambda frame, view=view: self.hear(frame, view))

    def hear(self, frame: Frame, view: dict[str, str]) -> None:
        """A watcher is told."""
        for name, state in told(frame).items():
            assert view[name] != state, f"{name} is told to be {state} twice"
            view[name] = state
            if state == "offline" and not self.may_be_offline(self.people[name]):
                self.flaps.append(f"{name} at {self.loop.time():.1f}")

    def may_be_offline(self, person: Person) -> bool:
        """Whether they had no device for the whole of the grace, up to now or a moment ago."""
        now = self.loop.time()
        if person.gone_at is not None and now - person.gone_at >= GRACE:
            return True
        return now - person.missed_until < DELAY

    def connect(self, person: Person) -> None:
        """One more device, somewhere."""
        node = self.chance.choice([node for node in self.village.nodes if node.is_alive])
        connection = device(person.name)
        node.enter(connection)
        person.connected[connection] = node
        if person.gone_at is not None and self.loop.time() - person.gone_at >= GRACE:
            person.missed_until = self.loop.time()
        person.gone_at = None

    def disconnect(self, person: Person, connection: Connection, *, is_killed: bool = False) -> None:
        """One less."""
        node = person.connected.pop(connection)
        person.away.discard(connection)
        if not is_killed:
            node.leave(connection)
        if not person.connected:
            person.gone_at = self.loop.time()

    def step(self) -> None:
        """Something happens to a tenth of the people."""
        for person in self.chance.sample(sorted(self.people.values(), key=lambda each: each.name), PEOPLE // 10):
            what = self.chance.random()
            if person.connected and what < 0.35:
                # A reload: it goes, and is back within the grace.
                self.disconnect(person, self.chance.choice(list(person.connected)))
                self.loop.call_later(self.chance.uniform(0.1, GRACE - 0.5), self.connect, person)
            elif person.connected and what < 0.5:
                self.disconnect(person, self.chance.choice(list(person.connected)))
            elif person.connected and what < 0.75:
                self.turn(person, self.chance.choice(list(person.connected)))
            elif len(person.connected) < person.devices:
                self.connect(person)

    def turn(self, person: Person, connection: Connection) -> None:
        """Go away from a device, or come back to it."""
        is_away = connection not in person.away
        (person.away.add if is_away else person.away.discard)(connection)
        person.connected[connection].process.tracker.set_away(person.name, connection.id, is_away=is_away)

    def kill(self) -> None:
        """A process dies; its clients come back to others within some seconds."""
        node = next(node for node in self.village.nodes if node.is_alive)
        node.kill()
        del self.views[0]
        for person in self.people.values():
            for connection in [each for each, where in person.connected.items() if where is node]:
                self.disconnect(person, connection, is_killed=True)
                self.loop.call_later(self.chance.uniform(0.5, 4.0), self.connect, person)

    def truth(self) -> dict[str, str]:
        return {name: person.state for name, person in self.people.items()}


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.finish()
    assert not made.failures


@covers("004-03")
@pytest.mark.parametrize("lost", [0.0, 0.2])
def test_nobody_flaps_and_everybody_converges(loop: VirtualLoop, lost: float) -> None:
    churn = Churn(loop, lost=lost)
    for second in range(SECONDS):
        churn.step()
        if second == SECONDS // 2:
            churn.kill()
        loop.advance(1.0)
    churn.kill()
    loop.advance(BELIEVED)
    truth = churn.truth()
    assert {"online", "away", "offline"} == set(truth.values())
    assert churn.views == [truth] * (NODES - 2)
    assert not churn.flaps
    churn.village.close()


def test_of_a_process_that_was_killed_everybody_is_offline_within_the_lease_and_a_little(loop: VirtualLoop) -> None:
    village, states = Village(loop, 2), dict[str, str]()
    dying, living = village.nodes
    village.watch(living, ["1", "2"], lambda frame: states.update(told(frame)))
    dying.enter(device("1"))
    living.enter(device("2"))
    loop.advance(2.0)
    assert states == {"1": "online", "2": "online"}
    dying.kill()
    loop.advance(20.0)
    assert states == {"1": "online", "2": "online"}, "its lease holds"
    loop.advance(14.0)
    assert states == {"1": "offline", "2": "online"}
    assert set(living.runtime.seen) == {"1"}, "whoever finds it out writes it down"
    village.close()
