"""Turns: writers of one process get at SQLite in the order of asking, and what hosts run on commit keeps nobody waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from carillon.realtime.outbox import outbox
from carillon.realtime.topic import Topic
from carillon.realtime.turns import Queue, _queue
from tests.contracts.facts import Happened, numbers
from tests.support import processes

TOPIC = Topic("conversation", "turns")
SECONDS = 30


def start(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def publish(n: int) -> None:
    with outbox() as say:
        say(TOPIC, Happened(n=n))
    connections.close_all()


def test_a_turn_goes_to_who_asked_first() -> None:
    queue, order = Queue(), []

    def ask(number: int) -> None:
        assert queue.take(SECONDS)
        order.append(number)
        queue.end()

    assert queue.take(0)
    threads = []
    for number in range(5):
        threads.append(start(lambda number=number: ask(number)))
        processes.wait_for(lambda: len(queue._waiting) > len(threads) - 1, f"number {number} to wait")
    queue.end()
    # The one that held it asks again, and is the last.
    ask(5)
    for thread in threads:
        thread.join(SECONDS)
    assert order == [0, 1, 2, 3, 4, 5]
    assert queue.take(0), "nobody has it"


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    queue = Queue()
    assert queue.take(0)
    assert not queue.take(0.01) and not queue._waiting
    queue.end()
    assert queue.take(0)


def test_a_forked_process_has_turns_of_its_own() -> None:
    assert _queue.take(SECONDS)
    try:
        child = os.fork()
        if child == 0:
            os._exit(0 if _queue.take(0) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        _queue.end()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_runs_on_commit_keeps_no_writer_waiting() -> None:
    def slow_receiver() -> None:
        other = start(lambda: publish(2))
        other.join(SECONDS)
        assert not other.is_alive()
        publish_here(3)

    def publish_here(n: int) -> None:
        with outbox() as say:
            say(TOPIC, Happened(n=n))

    with outbox() as say:
        say(TOPIC, Happened(n=1))
        say.after_commit(slow_receiver)
    assert numbers(TOPIC) == [1, 2, 3]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_turn_is_given_back_whatever_happens() -> None:
    with pytest.raises(RuntimeError), outbox():
        raise RuntimeError
    other = start(lambda: publish(1))
    other.join(SECONDS)
    assert numbers(TOPIC) == [1] and not connection.in_atomic_block


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_all_get_their_turn() -> None:
    threads = [start(lambda n=n: publish(n)) for n in range(20)]
    for thread in threads:
        thread.join(SECONDS)
    assert sorted(numbers(TOPIC)) == list(range(20))
