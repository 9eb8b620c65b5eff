"""carillon_import_notifications: every row once, in its place by time, counted, and without a sound."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from carillon.errors import Invalid
from carillon.notifications import notify
from carillon.notifications.actions import mark_read, mark_seen
from carillon.notifications.actions.importing import Imported, import_notifications
from carillon.notifications.models import Inbox, Notification
from carillon.notifications.signals import notification_created
from tests.features.notifications import hq
from tests.features.notifications.hq import run
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def stored() -> Iterator[None]:
    with hq.table():
        yield


def titles(user: Any) -> list[str]:
    """As the inbox shows them, newest first."""
    rows = Notification.objects.filter(user=user).announced()
    return list(rows.order_by("-number").values_list("title", flat=True))


@pytest.mark.usefixtures("stored")
def test_every_column_finds_its_place() -> None:
    alice, bruno = make_user(), make_user()
    kinds = ContentType.objects.get(app_label="auth", model="group").pk
    hq.insert(
        [
            hq.row(
                7,
                alice.pk,
                level="warning",
                verb="commented on",
                description="It is late.",
                actor_object_id=str(bruno.pk),
                target_content_type_id=kinds,
                target_object_id="55",
                data={"url": "/posts/55/", "actions": [1], "n": 2},
            ),
            hq.row(8, alice.pk, unread=False, level="odd", data={"url": "javascript:alert(1)"}),
            hq.row(9, alice.pk, deleted=True),
        ]
    )
    assert run().startswith("3 imported; 0 were there already, 0 left out, 0 for nobody")
    first, second, third = Notification.objects.order_by("number")
    assert (first.title, first.message, first.severity, first.url) == (
        "commented on",
        "It is late.",
        "warning",
        "/posts/55/",
    )
    assert (first.actor_id, first.created_at) == (bruno.pk, hq.START + dt.timedelta(minutes=7))
    target = {"type": "auth.group", "id": "55"}
    assert first.data == {"url": "/posts/55/", "actions_": [1], "n": 2, "target": target}
    assert not first.is_read and first.seen_at is not None, "unread, and yet no news"
    assert second.is_read and (second.severity, second.url) == ("info", "")
    assert third.archived_at is not None and third.is_read
    assert [row.number for row in (first, second, third)] == [1, 2, 3]
    assert counters(alice) == recount(alice) == (1, 0)


@pytest.mark.usefixtures("stored")
def test_it_rings_for_nobody_and_each_person_hears_once_that_their_list_is_another() -> None:
    alice, bruno = make_user(), make_user()
    hq.insert([hq.row(n, (alice, bruno)[n % 2].pk) for n in range(20)])
    heard: list[Any] = []

    def listener(**given: Any) -> None:
        heard.append(given)

    notification_created.connect(listener)
    try:
        run()
    finally:
        notification_created.disconnect(listener)
    assert not heard
    for user in (alice, bruno):
        [(name, data)] = events_of(user)
        assert name == "inbox.corrected" and data["items_changed"] is True
        assert data["inbox"] == {"unread": 10, "unseen": 0, "version": 1, "last_number": 10}
        assert counters(user) == recount(user) == (10, 0)


@pytest.mark.usefixtures("stored")
def test_again_and_after_an_interruption_nothing_is_imported_twice() -> None:
    alice = make_user()
    hq.insert([hq.row(n, alice.pk) for n in range(10)])
    assert run("--batch", "3").startswith("10 imported")
    Notification.objects.filter(title__in=["verb 6", "verb 7"]).delete()
    hq.insert([hq.row(n, alice.pk) for n in range(10, 12)])
    assert run("--batch", "3").startswith("4 imported; 8 were there already")
    assert run().startswith("0 imported; 12 were there already")
    assert titles(alice) == [f"verb {n}" for n in reversed(range(12))], "what came late stands in its place by time"
    assert Notification.objects.count() == 12


@pytest.mark.usefixtures("stored")
def test_live_notifications_stay_above_with_their_state() -> None:
    alice = make_user()
    live = [notify(alice, title=f"live {n}").notifications[0] for n in range(3)]
    mark_read(alice.pk, [live[0].pk])
    mark_seen(alice.pk, 2)
    before = counters(alice)
    hq.insert([hq.row(n, alice.pk, unread=n > 2) for n in range(5)])
    run()
    assert titles(alice) == ["live 2", "live 1", "live 0", *(f"verb {n}" for n in reversed(range(5)))]
    assert counters(alice) == recount(alice) == (before[0] + 2, before[1])
    inbox = Inbox.objects.get(pk=alice.pk)
    assert inbox.last_number == 8
    assert notify(alice, title="next").notifications[0].number == 9
    mark_seen(alice.pk, 9)
    assert counters(alice) == recount(alice)


def test_rows_of_the_same_days_are_woven_together() -> None:
    alice = make_user()
    for hour in (10, 20, 30):
        row = notify(alice, title=f"live {hour}").notifications[0]
        Notification.objects.filter(pk=row.pk).update(created_at=hq.START + dt.timedelta(hours=hour))
    entries = [
        Imported(key=str(n), recipient=alice.pk, title=f"old {n}", created_at=hq.START + dt.timedelta(hours=n))
        for n in (35, 5, 15, 16, 25, 36)
    ]
    import_notifications(entries[:3], "old")
    import_notifications(entries[3:], "old")
    assert titles(alice) == [
        "old 36", "old 35", "live 30", "old 25", "live 20", "old 16", "old 15", "live 10", "old 5",
    ]  # fmt: skip
    numbers = sorted(Notification.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 10)) and Inbox.objects.get(pk=alice.pk).last_number == 9


def test_what_a_host_left_unannounced_is_announced_and_not_lost() -> None:
    alice = make_user()
    Notification.objects.create(user=alice, title="pending")
    import_notifications([Imported(key="1", recipient=alice.pk, title="old", created_at=hq.START)], "old")
    assert titles(alice) == ["pending", "old"]
    assert [name for name, _ in events_of(alice)] == ["notification.created", "inbox.corrected"]
    assert counters(alice) == recount(alice) == (2, 1)


@pytest.mark.usefixtures("stored")
def test_a_dry_run_says_what_would_happen_and_writes_nothing() -> None:
    alice = make_user()
    hq.insert([hq.row(1, alice.pk), hq.row(2, 999_999), hq.row(3, alice.pk, deleted=True)])
    said = run("--dry-run", "--deleted", "skip")
    assert said == "1 would be imported; 0 were there already, 1 left out, 1 for nobody we know.\n"
    assert not Notification.objects.exists() and not Inbox.objects.exists() and events_of(alice) == []


@pytest.mark.usefixtures("stored")
def test_rows_that_make_no_sense_are_named_and_the_others_imported() -> None:
    alice = make_user()
    hq.insert([hq.row(1, alice.pk, verb=" "), hq.row(2, alice.pk), hq.row(3, alice.pk, data={"deep": "x"})])
    said, complaints = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 rows make no sense"):
        call_command("carillon_import_notifications", stdout=said, stderr=complaints)
    assert complaints.getvalue() == "row 1: title: something to say expected.\n"
    assert said.getvalue().startswith("2 imported")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 256},
        {"severity": "dreadful"},
        {"url": "javascript:alert(1)"},
        {"key": ""},
        {"message": "a\0b"},
        {"data": {"a": "\ud800"}},
        {"created_at": dt.datetime(2024, 1, 1)},
        {"created_at": "2024-01-01T00:00:00Z"},
    ],
)
def test_an_entry_that_cannot_be_stored_is_refused(wrong: dict[str, Any]) -> None:
    entry = {"key": "1", "recipient": make_user().pk, "title": "x", "created_at": hq.START} | wrong
    with pytest.raises(Invalid):
        import_notifications([Imported(**entry)], "old")
    assert not Notification.objects.exists()


def test_it_is_not_done_inside_a_transaction_of_the_host() -> None:
    entry = Imported(key="1", recipient=make_user().pk, title="x", created_at=hq.START)
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        import_notifications([entry], "old")


def in_threads(*works: Callable[[], None]) -> None:
    """Carry these out at the same time, each on a database connection of its own; raises what one of them raised."""

    def carry_out(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(carry_out, work) for work in works]:
            done.result(60)


def test_two_imports_and_a_busy_host_at_once() -> None:
    people = [make_user() for _ in range(4)]
    entries = [
        Imported(key=str(n), recipient=people[n % 4].pk, title=f"old {n}", created_at=hq.START + dt.timedelta(n))
        for n in range(80)
    ]
    start = threading.Barrier(3)

    def imports() -> None:
        start.wait(20)
        for begin in range(0, 80, 20):
            import_notifications(entries[begin : begin + 20], "old")

    def notifies() -> None:
        start.wait(20)
        for n in range(20):
            notify(people, title=f"live {n}")

    in_threads(imports, imports, notifies)
    assert Notification.objects.count() == 80 + 80
    for user in people:
        assert titles(user) == [*(f"live {n}" for n in reversed(range(20))), *titles(user)[20:]]
        assert titles(user)[20:] == sorted(titles(user)[20:], key=lambda title: -int(title.split()[1]))
        assert counters(user) == recount(user) == (40, 20)
