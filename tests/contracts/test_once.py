"""Writes that carry a key happen once, also when they are asked for at the same moment (GUARANTEES G6)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import msgspec
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from carillon.errors import CarillonError, Conflict, Invalid
from carillon.realtime import outbox as module
from carillon.realtime.idempotency import forget_answers, run_once
from carillon.realtime.jobs import forget_old_answers
from carillon.realtime.models import IdempotencyKey
from carillon.realtime.outbox import outbox
from carillon.realtime.topic import Topic
from tests.contracts.facts import Happened, in_threads, numbers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TALK = Topic("conversation", "1")


class Asked(msgspec.Struct):
    """What a socket has where REST has a dict."""

    b: list[int]
    a: int


def send(n: int = 1) -> Callable[[], Callable[[], bytes]]:
    """Work that writes a row and an event, and answers with the event's offset."""

    def work() -> Callable[[], bytes]:
        with outbox() as publish:
            Group.objects.create(name=f"{n}-{Group.objects.count()}")
            published = publish(TALK, Happened(n=n))
        return lambda: b'{"offset":%d}' % (published.position.offset if published.position else 0)

    return work


def test_the_second_time_gets_the_first_answer() -> None:
    assert run_once("7", "send", "k", {"a": 1}, send()) == (b'{"offset":1}', False)
    assert run_once("7", "send", "k", {"a": 1}, send()) == (b'{"offset":1}', True)
    assert numbers(TALK) == [1]


@pytest.mark.parametrize(
    ("principal", "operation", "key"), [("8", "send", "k"), ("7", "edit", "k"), ("7", "send", "l"), ("7", "send", "K")]
)
def test_another_person_operation_or_key_is_another_write(principal: str, operation: str, key: str) -> None:
    run_once("7", "send", "k", {}, send())
    assert run_once(principal, operation, key, {}, send()) == (b'{"offset":2}', False)


def test_the_order_of_fields_does_not_matter_and_their_values_do() -> None:
    run_once("7", "send", "k", {"a": 1, "b": [1, 2]}, send())
    assert run_once("7", "send", "k", {"b": [1, 2], "a": 1}, send())[1]
    assert run_once("7", "send", "k", Asked([1, 2], 1), send())[1]
    for other in ({"a": 1, "b": [2, 1]}, {"a": 1}, {"a": "1", "b": [1, 2]}, None):
        with pytest.raises(Conflict) as refused:
            run_once("7", "send", "k", other, send())
        assert (refused.value.slug, refused.value.status) == ("idempotency_mismatch", 422)
    assert numbers(TALK) == [1]


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "a\0b", "\ud800", "\x7f"])
def test_a_key_that_cannot_be_stored_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        run_once("7", "send", key, {}, send())


def test_a_failure_is_not_stored() -> None:
    def refuse() -> Callable[[], bytes]:
        Group.objects.create(name="gone")
        raise Conflict("conflict", "Not now.")

    with pytest.raises(Conflict):
        run_once("7", "send", "k", {}, refuse)
    assert not IdempotencyKey.objects.exists()
    assert not Group.objects.exists()
    assert run_once("7", "send", "k", {}, send()) == (b'{"offset":1}', False)


def test_the_same_key_at_the_same_moment_has_one_effect() -> None:
    together = threading.Barrier(8)

    def ask() -> tuple[bytes, bool]:
        together.wait(10)
        return run_once("7", "send", "k", {"a": 1}, send())

    answers = in_threads(*[ask] * 8)
    assert {answer for answer, _ in answers} == {b'{"offset":1}'}
    assert sorted(is_old for _, is_old in answers) == [False] + [True] * 7
    assert numbers(TALK) == [1]


def test_while_the_first_is_under_way_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", "200ms")
    begun, told = threading.Event(), threading.Event()

    def slow() -> Callable[[], bytes]:
        begun.set()
        assert told.wait(30)
        return send()()

    def ask_again() -> str:
        assert begun.wait(30)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 200")
        try:
            with pytest.raises(CarillonError) as refused:
                run_once("7", "send", "k", {}, send())
        finally:
            told.set()
        assert refused.value.retry_after
        return refused.value.slug

    def ask() -> str:
        return run_once("7", "send", "k", {}, slow)[0].decode()

    _, slug = in_threads(ask, ask_again)
    # SQLite has one writer, so there is nothing to be told apart.
    assert slug == ("in_progress" if connection.vendor == "postgresql" else "busy")
    assert numbers(TALK) == [1]


def test_inside_a_transaction_of_the_hosts_it_goes_with_it() -> None:
    with transaction.atomic():
        assert run_once("7", "send", "k", {}, send()) == (b'{"offset":0}', False)
        assert run_once("7", "send", "k", {}, send())[1]
        transaction.set_rollback(True)
    assert not IdempotencyKey.objects.exists()
    with transaction.atomic():
        run_once("7", "send", "k", {}, send())
    assert run_once("7", "send", "k", {}, send())[1]
    assert numbers(TALK) == [1]


def test_inside_a_block_of_our_own_it_is_part_of_it() -> None:
    with outbox():
        assert run_once("7", "send", "k", {}, send()) == (b'{"offset":0}', False)
    assert run_once("7", "send", "k", {}, send()) == (b'{"offset":0}', True)


def test_answers_are_kept_for_a_day() -> None:
    for key, hours in (("old", 25), ("young", 23)):
        run_once("7", "send", key, {}, send())
        made = timezone.now() - dt.timedelta(hours=hours)
        IdempotencyKey.objects.filter(key=key).update(created_at=made)
    assert forget_old_answers() == 1
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]
    assert forget_answers(timezone.now()) == 1
