"""What watching costs: one frame a second for each watcher, encoded once for all who see the same, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carillon.presence.sights import Sight
from carillon.realtime.event import Event
from tests.features.presence import village as module
from tests.features.presence.village import Village, device, frames_of, size_of, told
from tests.kernel.virtual_time import VirtualLoop

CROWD, SECONDS = 1000, 5


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.finish()
    assert not made.failures


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Every event that was encoded."""
    found: list[Event] = []
    encode = module.DIALECT.encode_event

    def counted(event: Event) -> bytes:
        found.append(event)
        return encode(event)

    monkeypatch.setattr(type(module.DIALECT), "encode_event", lambda self, event: counted(event))
    return found


@pytest.mark.parametrize("changes", [1, 50])
def test_a_thousand_who_watch_one_room_get_one_frame_a_second_each(
    loop: VirtualLoop, encoded: list[Event], changes: int
) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    people = [str(number) for number in range(CROWD)]
    watchers = [village.watch(node, people) for _ in range(CROWD)]
    devices = [device(person) for person in people[:changes]]
    for each in devices:
        node.enter(each)
    loop.advance(5.0)
    before, encoded_before = [len(frames_of(each)) for each in watchers], len(encoded)
    for step in range(SECONDS * 20):
        for each in devices:
            node.process.tracker.set_away(each.person, each.id, is_away=step % 3 == 0)
        loop.advance(0.05)
    got = [len(frames_of(each)) - had for each, had in zip(watchers, before, strict=True)]
    # The last second may be open at both ends.
    assert set(got) <= {SECONDS - 1, SECONDS, SECONDS + 1}
    assert len(encoded) - encoded_before == got[0], "encoded once for everybody"
    assert max(len(told(frame)) for frame in frames_of(watchers[0])) == changes
    village.close()


def test_each_sees_only_whom_they_watch_and_equal_news_are_encoded_once(
    loop: VirtualLoop, encoded: list[Event]
) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    both, one, other, nobody = (
        village.watch(node, people) for people in (["1", "2"], ["1", "3"], ["2", "4"], ["5", "6"])
    )
    also_one = village.watch(node, ["1", "7"])
    node.enter(device("1"))
    node.enter(device("2"))
    loop.advance(1.0)
    assert [told(frame) for frame in frames_of(both)] == [{"1": "online", "2": "online"}]
    assert (
        [told(frame) for frame in frames_of(one)] == [{"1": "online"}] == [told(each) for each in frames_of(also_one)]
    )
    assert [told(frame) for frame in frames_of(other)] == [{"2": "online"}]
    assert frames_of(nobody) == []
    assert len(encoded) == 3
    village.close()


def test_what_is_alone_is_told_at_once_and_what_follows_is_collected(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    at: list[float] = []
    village.watch(node, ["1", "2", "3"], lambda frame: at.append(loop.time()))
    loop.advance(3.0)
    began = loop.time()
    node.enter(device("1"))
    # The carrier of a village takes up to 0.3 s.
    loop.advance(0.5)
    assert len(at) == 1 and at[0] - began < 0.5
    node.enter(device("2"))
    loop.advance(0.1)
    node.enter(device("3"))
    loop.advance(2.0)
    assert len(at) == 2 and at[1] - at[0] >= 1.0
    village.close()


def test_who_is_back_before_anybody_was_told_was_never_away(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    watcher, mine = village.watch(node, ["1", "2"]), device("1")
    node.enter(mine)
    loop.advance(3.0)
    node.enter(device("2"))
    loop.advance(0.5)
    for is_away in (True, False):
        node.process.tracker.set_away("1", mine.id, is_away=is_away)
    loop.advance(3.0)
    assert [told(frame) for frame in frames_of(watcher)] == [{"1": "online"}, {"2": "online"}]
    village.close()


def test_a_frame_for_a_thousand_is_as_large_as_its_people(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    watcher = village.watch(node, [str(number) for number in range(CROWD)])
    for number in range(CROWD):
        node.enter(device(str(number)))
    loop.advance(2.0)
    assert len(frames_of(watcher)) <= 2 and sum(len(told(frame)) for frame in frames_of(watcher)) == CROWD
    assert size_of(watcher) < 80 * CROWD
    village.close()


def test_who_left_is_told_nothing_and_leaves_nothing(loop: VirtualLoop) -> None:
    village = Village(loop, 1)
    (node,) = village.nodes
    watcher, stays = village.watch(node, ["1"]), village.watch(node, ["1"])
    sights: dict[object, Sight] = node.process.watchers._sights  # type: ignore[assignment]
    assert [len(sight.connections) for sight in sights.values()] == [2]
    node.leave(watcher)
    node.enter(device("1"))
    loop.advance(2.0)
    assert (len(frames_of(watcher)), len(frames_of(stays))) == (0, 1)
    node.leave(stays)
    assert not sights and not node.process.watchers._watches
    village.close()
