"""notify(): stored, counted and announced together, in our transaction or a host's."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from carillon.errors import Invalid, NotFound
from carillon.notifications import anotify, kinds, notify, register_kind
from carillon.notifications.actions import settle_pending
from carillon.notifications.models import BrakeRecord, Inbox, Notification
from carillon.notifications.signals import notification_created
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@covers("000-06", "000-11", "000-12", "000-22", "003-11", "003-13")
def test_a_notification_is_stored_counted_and_announced() -> None:
    alice, bruno = make_user("alice"), make_user("bruno", first_name="Bruno", last_name="Kouassi")
    sent = notify(alice, title="Bonjour", message="Deux mots", actor=bruno, url="/x", data={"n": 1}, message_id=7)
    row = Notification.objects.get()
    assert len(row.pk) == 12 and int(row.pk, 16) >= 0
    assert (row.number, row.is_read, row.message_id, row.data) == (1, False, "7", {"n": 1})
    assert sent.position is not None and sent.position.offset == 1
    [(name, data)] = events_of(alice)
    assert name == "notification.created"
    assert data["inbox"] == {"unread": 1, "unseen": 1, "version": 1, "last_number": 1}
    face = {"id": str(bruno.pk), "name": "Bruno Kouassi", "role": "", "avatar": "", "username": "bruno"}
    assert data["notification"]["actor"] == face
    assert counters(alice) == recount(alice) == (1, 1)


@covers("000-07", "000-08", "000-09", "000-10")
@pytest.mark.parametrize("category", ["message", "email", "contact", "event", "system", "of-the-host"])
def test_every_type_of_the_documents_and_of_hosts(category: str) -> None:
    alice = make_user()
    notify(alice, title="x", type=category, data={"chat_room_id": 3})
    state = events_of(alice)[0][1]["notification"]
    assert (state["type"], state["data"], state["is_read"]) == (category, {"chat_room_id": 3}, False)


def test_kinds_are_rendered_in_the_language_of_each_recipient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind(
        "file.shared",
        {
            "fr": ("{{ who }} a partagé « {{ file }} »", "{% if n > 1 %}{{ n }} fichiers{% endif %}"),
            "en": ("{{ who }} shared “{{ file }}”", "{% if n > 1 %}{{ n }} files{% endif %}"),
        },
        type="event",
        severity="success",
        url="/files/{{ n }}",
    )
    french, english, other = make_user(language="fr"), make_user(language="en"), make_user(language="de")
    notify([french, english, other], "file.shared", {"who": "L’équipe <b>", "file": "a & b", "n": 2})
    titles = {row.user_id: (row.title, row.message, row.url) for row in Notification.objects.all()}
    assert titles[french.pk] == ("L’équipe <b> a partagé « a & b »", "2 fichiers", "/files/2")
    assert titles[english.pk] == ("L’équipe <b> shared “a & b”", "2 files", "/files/2")
    assert titles[other.pk] == titles[french.pk], "the first of CARILLON['LANGUAGES'] is the fallback"
    row = Notification.objects.get(user=english)
    assert (row.kind, row.type, row.severity, row.params["n"]) == ("file.shared", "event", "success", 2)


def test_kinds_that_cannot_work_are_refused_when_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind("a", {"fr": ("x", "")})
    with pytest.raises(ValueError, match="registered twice"):
        register_kind("a", {"fr": ("x", "")})
    with pytest.raises(ValueError, match="severity"):
        register_kind("b", {"fr": ("x", "")}, severity="dreadful")
    with pytest.raises(ValueError, match="no text"):
        register_kind("c", {})
    with pytest.raises(Exception, match="Unclosed tag"):
        register_kind("d", {"fr": ("{% if x %}", "")})
    with pytest.raises(Invalid, match="No kind"):
        notify(make_user(), "never.registered")


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "x" * 256}),
        ("message", {"title": "x", "message": "y" * 8001}),
        ("url", {"title": "x", "url": "javascript:alert(1)"}),
        ("url", {"title": "x", "url": "//elsewhere.example"}),
        ("url", {"title": "x", "url": "/a\\b"}),
        ("severity", {"title": "x", "severity": "dreadful"}),
        ("data", {"title": "x", "data": {"a": "b" * 40_000}}),
        ("data", {"title": "x", "data": {"a": object()}}),
    ],
)
def test_what_cannot_be_stored_or_shown_is_refused_and_nothing_is_written(field: str, options: dict[str, Any]) -> None:
    alice = make_user()
    with pytest.raises(Invalid) as caught:
        notify(alice, **options)
    assert [detail["field"] for detail in caught.value.details] == [field]
    assert not Notification.objects.exists() and events_of(alice) == []


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_postgresql_would_refuse_is_refused_on_both(text: str) -> None:
    with pytest.raises(Invalid, match="is not text"):
        notify(make_user(), title=text)


def test_a_recipient_that_does_not_exist() -> None:
    with pytest.raises(NotFound, match="no user with key 999999"):
        notify([make_user(), 999_999], title="x")
    with pytest.raises(Invalid, match="neither a user nor the key"):
        notify("nobody", title="x")
    assert not Notification.objects.exists()


def test_a_dedupe_key_notifies_each_person_once() -> None:
    alice, bruno = make_user(), make_user()
    assert len(notify(alice, title="x", dedupe_key="k").notifications) == 1
    again = notify([alice, bruno], title="x", dedupe_key="k")
    assert [row.user_id for row in again.notifications] == [bruno.pk]
    assert counters(alice) == counters(bruno) == (1, 1)
    assert len(events_of(alice)) == 1


@covers("000-24")
def test_rows_that_hosts_insert_ring_without_any_channel_layer() -> None:
    alice = make_user()
    Notification.objects.create(user=alice, type="message", title="Nouveau message", message_id=12, data={"a": 1})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO carillon_notifications_notification (user_id, title) VALUES (%s, %s)", [alice.pk, "SQL"]
        )
    assert counters(alice) == (0, 0), "counters count announced rows only"
    assert settle_pending() == 1
    assert {data["notification"]["title"] for _, data in events_of(alice)} == {"Nouveau message", "SQL"}
    assert counters(alice) == recount(alice) == (2, 2)
    assert settle_pending() == 0


def test_a_row_of_sql_may_hold_nonsense_and_harms_nobody() -> None:
    alice = make_user()
    Notification.objects.create(user=alice, title="x", url="javascript:alert(1)", severity="dreadful", data=[1])
    settle_pending()
    state = events_of(alice)[0][1]["notification"]
    assert (state["url"], state["severity"], state["data"]) == ("", "info", {})


def test_inside_a_transaction_of_the_host_it_rings_after_the_commit_and_never_after_a_rollback() -> None:
    alice = make_user()
    with transaction.atomic():
        sent = notify(alice, title="kept")
        assert sent.position is None and sent.notifications[0].number is None
        assert not Inbox.objects.exists(), "no inbox is locked in a transaction that is not ours"
    with pytest.raises(RuntimeError), transaction.atomic():
        notify(alice, title="lost")
        raise RuntimeError
    with transaction.atomic():
        notify(alice, title="before the savepoint")
        with pytest.raises(RuntimeError), transaction.atomic():
            notify(alice, title="lost with its savepoint")
            raise RuntimeError
    titles = [data["notification"]["title"] for _, data in events_of(alice)]
    assert titles == ["kept", "before the savepoint"]
    assert counters(alice) == recount(alice) == (2, 2)


def test_what_a_killed_process_left_unannounced_is_found_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_user()
    monkeypatch.setattr("carillon.notifications.actions.delivering.settle", lambda users: None)
    with transaction.atomic():
        notify(alice, title="x")
    assert events_of(alice) == []
    monkeypatch.undo()
    settle_pending()
    assert len(events_of(alice)) == 1 and counters(alice) == (1, 1)


def test_the_brake_stops_a_runaway_loop_and_says_so(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.CARILLON = {**settings.CARILLON, "BRAKE_PER_MINUTE": 5}
    alice, bruno = make_user(), make_user()
    with caplog.at_level(logging.WARNING), time_machine.travel(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        held = [notify([alice, bruno] if n == 0 else alice, title="again").held for n in range(8)]
        assert notify(bruno, title="once").held == 0
    assert held == [0, 0, 0, 0, 0, 1, 1, 1]
    assert counters(alice) == (5, 5) and counters(bruno) == (2, 2)
    record = BrakeRecord.objects.get()
    assert (record.user_id, record.held) == (alice.pk, 3)
    assert sum("brake" in message for message in caplog.messages) == 1
    with time_machine.travel(dt.datetime(2026, 3, 1, 12, 2, tzinfo=dt.UTC), tick=False):
        assert notify(alice, title="later").held == 0


def test_hosts_hear_of_each_notification_once_and_cannot_break_it() -> None:
    heard: list[str] = []

    def hear(notification: Notification, **_: Any) -> None:
        heard.append(notification.title)
        raise RuntimeError("a host's fault")

    notification_created.connect(hear)
    try:
        alice = make_user()
        notify(alice, title="ours")
        Notification.objects.create(user=alice, title="theirs")
        settle_pending()
    finally:
        notification_created.disconnect(hear)
    assert heard == ["ours", "theirs"]
    assert counters(alice) == (2, 2)


async def test_async_code_notifies_too() -> None:
    from asgiref.sync import sync_to_async

    alice = await sync_to_async(make_user)()
    sent = await anotify(alice, title="x")
    assert sent.position is not None
    assert await sync_to_async(counters)(alice) == (1, 1)
