"""What a store of presence owes: leases that end by themselves, each change told once, and never a wait nor an exception."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis as client

from carillon.presence.stores.base import Change, Lease, Store
from carillon.presence.stores.memory import MemoryStore
from carillon.presence.stores.redis import RedisStore
from tests.support import processes, redis

LONG, SHORT = 60.0, 0.2
_numbers = itertools.count(1)


def _of_redis() -> Store:
    return RedisStore(redis.shared_url(), prefix=f"test:{secrets.token_hex(6)}:")


def _of_cluster() -> Store:
    """Of the node that does not have its keys."""
    prefix = f"{{test:{secrets.token_hex(6)}}}:"
    return RedisStore(redis.cluster_url(prefix), prefix)


# One line for each store; each has to pass everything below.
STORES: dict[str, Callable[[], Store]] = {"memory": MemoryStore, "redis": _of_redis, "redis cluster": _of_cluster}


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest) -> Store:
    return STORES[request.param]()


def lease(person: str, *, away: bool = False, at: str | tuple[str, ...] = (), connection: str = "") -> Lease:
    """A lease of a connection of its own, unless it is named."""
    return Lease(person, connection or f"c{next(_numbers)}", away, (at,) if isinstance(at, str) else at)


def told(changes: list[Change]) -> dict[str, str]:
    assert len({change.person for change in changes}) == len(changes)
    return {change.person: change.state for change in changes}


def ended(store: Store, expected: dict[str, str]) -> list[Change]:
    """Everything that `expire` tells until all of this was told."""
    found: list[Change] = []

    def is_all() -> bool:
        found.extend(store.expire())
        return len(found) >= len(expected)

    processes.wait_for(is_all, f"{expected} to be told")
    assert told(found) == expected
    return found


def test_who_has_a_lease_is_connected_and_nobody_else(store: Store) -> None:
    store.put([lease("1"), lease("2", away=True)], LONG)
    found = store.states(["1", "2", "3"])
    assert (found.states, found.is_whole) == ({"1": "online", "2": "away"}, True)
    assert store.states([]).states == {}


def test_online_on_any_device_is_online_and_away_on_all_is_away(store: Store) -> None:
    phone, desk = lease("1", away=True), lease("1")
    assert told(store.put([phone], LONG)) == {"1": "away"}
    assert told(store.put([desk], LONG)) == {"1": "online"}
    assert told(store.put([lease("1", away=True, connection=desk.connection)], LONG)) == {"1": "away"}
    assert told(store.put([lease("1", connection=phone.connection)], LONG)) == {"1": "online"}


def test_a_change_is_told_once_and_renewing_is_none(store: Store) -> None:
    mine = lease("1")
    (change,) = store.put([mine, lease("1")], LONG)
    assert (change.person, change.state) == ("1", "online")
    assert abs(change.seen_at / 1_000_000 - time.time()) < 60 and change.stamp >= change.seen_at
    assert store.put([mine], LONG) == []
    assert store.expire() == []


def test_a_lease_ends_by_itself_and_is_told_with_the_time_it_was_put(store: Store) -> None:
    (online,) = store.put([lease("1")], SHORT)
    (offline,) = ended(store, {"1": "offline"})
    assert offline.seen_at == online.seen_at and offline.stamp > online.stamp
    assert store.states(["1"]).states == {}
    assert store.expire() == []


def test_who_is_over_is_offline_before_anybody_says_so(store: Store) -> None:
    store.put([lease("1")], SHORT)
    processes.wait_for(lambda: not store.states(["1"]).states, "the lease to be over")
    assert told(store.expire()) == {"1": "offline"}


def test_of_several_devices_the_last_one_counts(store: Store) -> None:
    desk = lease("1")
    store.put([desk], LONG)
    store.put([lease("1")], SHORT)
    # Nobody is told of the end of a device while there is another; this one shows that the first has ended.
    store.put([lease("2")], SHORT)
    ended(store, {"2": "offline"})
    assert store.states(["1"]).states == {"1": "online"}
    store.put([desk], SHORT)
    ended(store, {"1": "offline"})


def test_of_a_device_here_and_one_away_the_latter_is_left(store: Store) -> None:
    store.put([lease("1", away=True)], LONG)
    store.put([lease("1")], SHORT)
    ended(store, {"1": "away"})


def test_a_lease_that_is_put_again_holds_for_the_new_time(store: Store) -> None:
    mine = lease("1")
    store.put([mine], SHORT)
    store.put([mine], LONG)
    store.put([lease("2")], SHORT)
    ended(store, {"2": "offline"})
    assert store.states(["1"]).states == {"1": "online"}


def test_a_connection_that_comes_back_within_the_grace_changes_nothing(store: Store) -> None:
    mine = lease("1")
    store.put([mine], LONG)
    assert store.put([mine], SHORT) == []
    assert store.put([lease("1")], LONG) == []
    store.put([lease("2")], SHORT)
    ended(store, {"2": "offline"})


def test_stamps_of_one_person_grow(store: Store) -> None:
    mine = lease("1")
    stamps = [
        change.stamp
        for number in range(20)
        for change in store.put([lease("1", away=number % 2 == 1, connection=mine.connection)], LONG)
    ]
    assert len(stamps) == 20 and stamps == sorted(stamps)
    assert store.states(["1"]).stamp >= stamps[-1]


def test_who_looks_at_what(store: Store) -> None:
    mine = lease("1", at="conversation:7")
    store.put([mine, lease("2", at="conversation:7"), lease("3", at="conversation:8"), lease("4")], LONG)
    assert store.lookers(["conversation:7", "conversation:8", "conversation:9"]) == {
        "conversation:7": {"1", "2"},
        "conversation:8": {"3"},
        "conversation:9": set(),
    }
    store.put([lease("1", at="conversation:8", connection=mine.connection)], LONG)
    assert store.lookers(["conversation:7", "conversation:8"]) == {
        "conversation:7": {"2"},
        "conversation:8": {"1", "3"},
    }
    assert store.lookers([]) == {}


def test_one_device_may_look_at_several(store: Store) -> None:
    rooms = ["conversation:7", "conversation:8", "conversation:9"]
    mine = lease("1", at=tuple(rooms))
    store.put([mine, lease("2", at="conversation:8")], LONG)
    assert store.lookers(rooms) == {rooms[0]: {"1"}, rooms[1]: {"1", "2"}, rooms[2]: {"1"}}
    store.put([lease("1", away=True, at=tuple(rooms), connection=mine.connection)], LONG)
    assert store.lookers(rooms) == {rooms[0]: set(), rooms[1]: {"2"}, rooms[2]: set()}
    store.put([lease("1", at=(rooms[2], rooms[0]), connection=mine.connection)], SHORT)
    assert store.lookers(rooms) == {rooms[0]: {"1"}, rooms[1]: {"2"}, rooms[2]: {"1"}}
    ended(store, {"1": "offline"})
    assert store.lookers(rooms) == {rooms[0]: set(), rooms[1]: {"2"}, rooms[2]: set()}


def test_who_is_away_does_not_look_and_looks_again_when_back(store: Store) -> None:
    mine = lease("1", at="a:1")
    store.put([mine], LONG)
    store.put([lease("1", away=True, at="a:1", connection=mine.connection)], LONG)
    assert store.lookers(["a:1"]) == {"a:1": set()}
    store.put([mine], LONG)
    assert store.lookers(["a:1"]) == {"a:1": {"1"}}


def test_one_device_may_look_away_while_another_still_looks(store: Store) -> None:
    mine = lease("1", at="a:1")
    store.put([mine, lease("1", at="a:1")], LONG)
    store.put([lease("1", connection=mine.connection)], LONG)
    assert store.lookers(["a:1"]) == {"a:1": {"1"}}


def test_looking_ends_with_the_lease(store: Store) -> None:
    store.put([lease("1", at="a:1")], SHORT)
    store.put([lease("2", at="a:1")], LONG)
    processes.wait_for(lambda: store.lookers(["a:1"]) == {"a:1": {"2"}}, "the lease to be over")
    ended(store, {"1": "offline"})
    assert store.lookers(["a:1"]) == {"a:1": {"2"}}


def test_keys_of_people_and_of_what_they_look_at_are_any_text(store: Store) -> None:
    strange = ["6f1c8a52-7d0e-4f43-9f4e-0a1b2c3d4e5f", "a b", "x|y", "é"]
    store.put([lease(person, at=f"k:{person}") for person in strange], SHORT)
    assert store.lookers([f"k:{person}" for person in strange]) == {f"k:{person}": {person} for person in strange}
    ended(store, dict.fromkeys(strange, "offline"))


def test_thousands_go_in_one_call(store: Store) -> None:
    many = [lease(str(number), at=("room:1", f"room:{number + 2}")) for number in range(2500)]
    assert len(store.put(many, LONG)) == 2500
    assert len(store.states(str(number) for number in range(5000)).states) == 2500
    assert store.put(many, SHORT) == []
    ended(store, {str(number): "offline" for number in range(2500)})


def test_threads_tell_each_change_once_between_them(store: Store) -> None:
    found: list[Change] = []
    people = [str(number) for number in range(50)]

    def come() -> None:
        for person in people:
            found.extend(store.put([lease(person)], SHORT))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += ended(store, dict.fromkeys(people, "offline"))
    # A slow thread may have come after the leases of others were over.
    for person in people:
        states = [change.state for change in sorted(found, key=lambda each: each.stamp) if change.person == person]
        assert states[0::2] == ["online"] * len(states[0::2]) and states[1::2] == ["offline"] * len(states[1::2])


# What Redis adds: several processes, and its own absence.


@pytest.fixture
def server() -> Iterator[redis.Server]:
    made = redis.Server().start()
    yield made
    made.remove()


def test_processes_know_of_each_other_and_of_each_change_one_tells(server: redis.Server) -> None:
    here, there = RedisStore(server.url), RedisStore(server.url)
    assert told(here.put([lease("1", at="a:1")], SHORT)) == {"1": "online"}
    assert there.put([lease("1", away=True)], LONG) == []
    assert there.states(["1"]).states == {"1": "online"}
    assert there.lookers(["a:1"]) == {"a:1": {"1"}}
    # The process whose lease it was may be dead: any other finds the end.
    ended(there, {"1": "away"})
    assert here.expire() == []


def test_without_redis_this_process_knows_its_own_and_all_is_put_again_later(server: redis.Server) -> None:
    here, there = RedisStore(server.url), RedisStore(server.url)
    here.put([lease("1", at="a:1")], LONG)
    there.put([lease("2", at="a:1")], LONG)
    assert here.states(["1", "2"]).states == {"1": "online", "2": "online"}
    server.kill()
    found = here.states(["1", "2"])
    assert (found.states, found.is_whole) == ({"1": "online"}, False)
    assert here.lookers(["a:1"]) == {"a:1": {"1"}}
    (change,) = here.put([lease("3")], SHORT)
    assert change.state == "online" and change.stamp > found.stamp - 1
    ended(here, {"3": "offline"})
    assert here.lapses == 0

    server.start()
    processes.wait_for(lambda: here.states([]).is_whole and bool(here.expire() or here.lapses), "Redis to be back")
    assert here.lapses == 1
    # It lost everything: whoever renews puts it again, and that is told, for nobody knows who was told what.
    assert here.states(["1"]).states == {}
    assert told(here.put([lease("1")], LONG)) == {"1": "online"}


def test_a_redis_that_does_not_answer_is_waited_for_once(server: redis.Server) -> None:
    store = RedisStore(server.url)
    store.put([lease("1")], LONG)
    server.pause()
    try:
        answers = []
        began = time.monotonic()
        for _ in range(100):
            answers.append(store.states(["1"]).is_whole)
        # A hundred deadlines would be most of a minute.
        assert time.monotonic() - began < 20
        assert answers == [False] * 100
        assert _who_wait(store, threads=8) < 4
    finally:
        server.resume()
    processes.wait_for(lambda: store.states(["1"]).is_whole, "Redis to be asked again")
    assert store.states(["1"]).states == {"1": "online"}


def _who_wait(store: RedisStore, *, threads: int) -> int:
    """How many of so many threads that come together ask a Redis that was away for long enough."""
    asked, script = [], store._script
    store._script = lambda body: (asked.append(body), script(body))[1]  # type: ignore[method-assign]
    together = threading.Barrier(threads)

    def come() -> None:
        together.wait(20)
        store.states(["1"])

    store._away_until = 0.0
    coming = [threading.Thread(target=come) for _ in range(threads)]
    for thread in coming:
        thread.start()
    for thread in coming:
        thread.join()
    return len(asked)


def test_it_leaves_nothing_behind(server: redis.Server) -> None:
    store = RedisStore(server.url)
    store.put([lease("1", at="a:1"), lease("2")], SHORT)
    ended(store, {"1": "offline", "2": "offline"})
    with client.Redis.from_url(server.url) as direct:
        assert direct.keys() == []


def test_a_redis_that_never_was_there_fails_nothing() -> None:
    store = RedisStore(f"redis://127.0.0.1:{processes.free_port()}/0")
    assert told(store.put([lease("1", at="a:1")], LONG)) == {"1": "online"}
    assert store.lookers(["a:1"]) == {"a:1": {"1"}}
    assert store.expire() == []
