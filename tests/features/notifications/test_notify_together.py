"""notify() from many at once: one transaction, as many statements for fifty as for five, and each as if it were alone."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carillon.errors import NotFound
from carillon.notifications import kinds, notify, register_kind
from carillon.notifications.actions.notifying import Order, notify_each, order_of
from carillon.notifications.models import BrakeRecord, Notification
from carillon.notifications.signals import notification_created
from carillon.realtime.hot import Hot
from carillon.realtime.outbox import outbox
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.gathered import gathered
from tests.support.people import make_user
from tests.support.services import Service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

BATCH: Hot[Any, Any] = notify_each
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@contextmanager
def transactions() -> Iterator[list[int]]:
    """How many orders each transaction of `notify_each` carried out."""
    sizes: list[int] = []
    function = BATCH._function

    def count(publish: Any, orders: Any) -> Any:
        sizes.append(len(orders))
        return function(publish, orders)

    BATCH._function = count
    try:
        yield sizes
    finally:
        BATCH._function = function


def together(*calls: dict[str, Any]) -> list[Future[Any]]:
    """notify() with each of these arguments, in one batch."""
    with gathered(BATCH) as begin:
        return [begin(lambda call=call: notify(**{"title": "x", **call})) for call in calls]


def test_each_gets_its_own_rows_numbers_and_position() -> None:
    alice, bruno, carla = make_user(), make_user(), make_user()
    with transactions() as sizes:
        done = together(
            {"recipients": alice, "title": "one", "actor": bruno},
            {"recipients": [alice, bruno], "title": "two", "data": {"n": 2}, "url": "/two"},
            {"recipients": carla, "title": "three"},
            {"recipients": alice, "title": "four"},
        )
    assert sizes == [4]
    made = [future.result() for future in done]
    assert [[row.number for row in each.notifications] for each in made] == [[1], [2, 1], [1], [3]]
    assert [each.position.offset for each in made] == [1, 1, 1, 3]
    told = [(data["notification"]["title"], data["inbox"]["unread"]) for _, data in events_of(alice)]
    assert told == [("one", 1), ("two", 2), ("four", 3)]
    assert events_of(alice)[0][1]["notification"]["actor"]["id"] == str(bruno.pk)
    assert [counters(user) == recount(user) for user in (alice, bruno, carla)] == [True] * 3
    stored = Notification.objects.get(user=bruno)
    assert (stored.title, stored.data, stored.url, stored.pk) == ("two", {"n": 2}, "/two", made[1].notifications[1].pk)
    [row] = made[3].notifications
    assert {name: getattr(row, name) for name in ("title", "data", "params", "created_at", "announced_at")} == {
        name: getattr(Notification.objects.get(pk=row.pk), name)
        for name in ("title", "data", "params", "created_at", "announced_at")
    }


def test_who_names_nobody_is_refused_alone() -> None:
    alice = make_user()
    with transactions() as sizes:
        fine, wrong, other = together(
            {"recipients": alice}, {"recipients": [alice, 999_999]}, {"recipients": alice, "title": "y"}
        )
    with pytest.raises(NotFound, match="no user with key 999999"):
        wrong.result()
    assert [each.result().notifications[0].number for each in (fine, other)] == [1, 2]
    assert sizes == [3] and counters(alice) == (2, 2)


def test_the_brake_counts_within_a_batch(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "BRAKE_PER_MINUTE": 3}
    alice, bruno = make_user(), make_user()
    with time_machine.travel(NOON, tick=False):
        notify(alice, title="before")
        done = together(*[{"recipients": [alice, bruno] if n == 0 else alice} for n in range(5)])
    assert [future.result().held for future in done] == [0, 0, 1, 1, 1]
    assert (counters(alice), counters(bruno)) == ((3, 3), (1, 1))
    assert [(record.user_id, record.held) for record in BrakeRecord.objects.all()] == [(alice.pk, 3)]


def test_kinds_are_braked_apart_and_worded_for_each(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CARILLON = {**settings.CARILLON, "BRAKE_PER_MINUTE": 1}
    monkeypatch.setattr(kinds, "_kinds", {})
    for name in ("a", "b"):
        register_kind(name, {"fr": (f"{name} pour {{{{ who }}}}", ""), "en": (f"{name} for {{{{ who }}}}", "")})
    french, english = make_user(language="fr"), make_user(language="en")
    done = together(
        {"recipients": [french, english], "kind": "a", "params": {"who": 1}, "title": ""},
        {"recipients": [french, english], "kind": "b", "params": {"who": 2}, "title": ""},
        {"recipients": french, "kind": "a", "params": {"who": 3}, "title": ""},
    )
    assert [[row.title for row in future.result().notifications] for future in done] == [
        ["a pour 1", "a for 1"],
        ["b pour 2", "b for 2"],
        [],
    ]


def test_a_dedupe_key_counts_within_a_batch_and_leaves_no_gap_in_counters() -> None:
    alice = make_user()
    done = together(
        {"recipients": alice, "dedupe_key": "k"},
        {"recipients": alice, "dedupe_key": "k"},
        {"recipients": alice},
        {"recipients": alice, "dedupe_key": "l"},
    )
    assert [len(future.result().notifications) for future in done] == [1, 0, 1, 1]
    assert counters(alice) == recount(alice) == (3, 3)
    numbers = [data["notification"]["number"] for _, data in events_of(alice)]
    assert numbers == sorted(set(numbers))
    assert notify(alice, title="next").notifications[0].number == numbers[-1] + 1


def test_hosts_hear_of_each_in_the_thread_that_asked() -> None:
    heard: dict[str, int] = {}

    def hear(notification: Notification, **_: Any) -> None:
        heard[notification.title] = threading.get_ident()

    def ask(title: str) -> int:
        notify(alice, title=title)
        return threading.get_ident()

    notification_created.connect(hear)
    try:
        alice = make_user()
        with gathered(BATCH) as begin:
            asked = {title: begin(lambda title=title: ask(title)) for title in ("one", "two", "three")}
        assert heard == {title: future.result() for title, future in asked.items()}
    finally:
        notification_created.disconnect(hear)


@pytest.mark.parametrize("is_keyed", [False, True])
def test_services_that_ask_at_once_share_a_transaction(*, is_keyed: bool) -> None:
    alice = make_user("alice")
    billing = Service("notifications:send")

    def send(n: int) -> Any:
        headers = {"Idempotency-Key": f"k{n % 2}"} if is_keyed else {}
        body = {"title": f"Invoice {n % 2}", "recipients": ["alice"]}
        return billing.send("post", "/api/v1/notifications/", body, **headers)

    with transactions() as sizes, gathered(BATCH) as begin:
        answers = [begin(lambda n=n: send(n)) for n in range(4)]
    assert {future.result().status_code for future in answers} == {201}
    ids = [future.result().json()["ids"][0] for future in answers]
    assert len(set(ids)) == Notification.objects.filter(user=alice).count() == (2 if is_keyed else 4)
    assert sizes == ([2] if is_keyed else [4])
    assert [future.result().headers.get("Idempotency-Replayed") for future in answers[2:]] == (
        ["true", "true"] if is_keyed else [None, None]
    )


def test_a_repeat_gets_its_answer_though_the_person_is_gone() -> None:
    alice, billing = make_user("alice"), Service("notifications:send")
    body, once = {"title": "Invoice", "recipients": ["alice"]}, {"Idempotency-Key": "k"}
    first = billing.send("post", "/api/v1/notifications/", body, **once)
    alice.delete()
    again = billing.send("post", "/api/v1/notifications/", body, **once)
    assert (again.status_code, again.json()) == (201, first.json())
    assert billing.send("post", "/api/v1/notifications/", body, **{"Idempotency-Key": "l"}).status_code == 400


def statements(orders: list[Order]) -> list[str]:
    with CaptureQueriesContext(connection) as captured, outbox() as publish:
        BATCH._function(publish, orders)
    return [query["sql"].split("(")[0] for query in captured.captured_queries]


def test_fifty_take_as_many_statements_as_five() -> None:
    people = [make_user(language=("fr", "en")[n % 2]) for n in range(50)]
    for people_each, options in ((1, {}), (3, {"actor": people[0], "dedupe_key": "k", "data": {"a": 1}})):
        orders = [order_of(people[n : n + people_each], title=f"x{n}", **options) for n in range(50)]
        few, many = statements(orders[:5]), statements(orders)
        assert few == many and len(many) <= 14
