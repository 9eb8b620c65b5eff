"""What one process believes of people: the newest it heard, and nothing for ever that nobody confirms."""

from __future__ import annotations

from carillon.presence.events import PersonPresence
from carillon.presence.queries import Reading
from carillon.presence.stores.base import Change, Found
from carillon.presence.view import BELIEVED, View
from tests.support.clock import Clock


def view_of(**states: str) -> tuple[View, Clock]:
    """People by letter, as they were read at stamp 10."""
    clock = Clock()
    view = View(clock)
    view.learn(Reading({name: PersonPresence(name, state) for name, state in states.items()}, 10))  # type: ignore[arg-type]
    return view, clock


def changes(view: View) -> dict[str, str]:
    return {name: presence.state for name, presence in view.take_changes().items()}


def test_what_was_found_out_earlier_and_comes_later_changes_nothing() -> None:
    view, _ = view_of(a="offline")
    view.hear(Change("a", "online", 30, 30))
    view.hear(Change("a", "offline", 20, 20))
    assert changes(view) == {"a": "online"}
    view.compare(Found({}, 25), ["a"])
    assert changes(view) == {}
    view.compare(Found({}, 31), ["a"])
    assert changes(view) == {"a": "offline"}


def test_a_change_that_is_undone_before_it_is_told_is_none() -> None:
    view, _ = view_of(a="online", b="online")
    view.hear(Change("a", "away", 20, 20))
    view.hear(Change("b", "away", 20, 20))
    view.hear(Change("a", "online", 21, 21))
    assert changes(view) == {"b": "away"}


def test_what_is_heard_while_somebody_is_read_is_not_lost() -> None:
    view, _ = view_of()
    view.hear(Change("a", "online", 20, 20))
    view.learn(Reading({"a": PersonPresence("a", "offline")}, 15))
    assert view.people["a"].presence.state == "online"
    assert [each.id for each in view.since(0, {"a"})] == ["a"]
    view.hear(Change("b", "away", 5, 5))
    view.learn(Reading({"b": PersonPresence("b", "online")}, 15))
    assert view.people["b"].presence.state == "online"


def test_without_the_store_others_are_believed_for_a_while_and_no_longer() -> None:
    view, clock = view_of(here="online", there="online")
    for _ in range(4):
        clock.advance(BELIEVED / 5)
        view.compare(Found({"here": "online"}, 20, is_whole=False), ["here", "there"])
        assert changes(view) == {}
    clock.advance(BELIEVED / 5)
    view.compare(Found({"here": "online"}, 21, is_whole=False), ["here", "there"])
    assert changes(view) == {"there": "offline"}
    view.compare(Found({"here": "online", "there": "away"}, 22), ["here", "there"])
    assert changes(view) == {"there": "away"}


def test_who_is_offline_was_seen_when_their_last_lease_was_put() -> None:
    view, _ = view_of(a="online")
    view.hear(Change("a", "offline", 2_000_000, 1_500_000))
    seen = view.people["a"].presence.last_seen
    assert seen is not None and seen.timestamp() == 1
    view.hear(Change("a", "online", 3_000_000, 3_000_000))
    assert view.people["a"].presence.last_seen is None


def test_whom_nobody_watches_is_forgotten_after_a_while() -> None:
    view, clock = view_of(a="online", b="online")
    view.forget({"a"})
    assert set(view.people) == {"a", "b"}, "somebody may have read them just now"
    clock.advance(BELIEVED + 1)
    view.forget({"a"})
    assert set(view.people) == {"a"}
