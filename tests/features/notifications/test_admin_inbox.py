"""The admin's page of a person's inbox: what it shows, what staff may do there, and who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.notifications import actions, notify
from carillon.notifications.models import BrakeRecord, Inbox, Notification
from tests.features.notifications.inbox import counters, events_of, recount
from tests.features.notifications.staff import APP, staff, viewer
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SEE = ("view_notification", "view_inbox")


def page_of(user: Any) -> str:
    return f"{APP}inbox/{user.pk}/change/"


def said(client: Client, path: str, data: Any = None) -> str:
    """The page behind a GET, or behind a POST and its redirect."""
    answer = client.get(path) if data is None else client.post(path, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def ring(user: Any, count: int = 1) -> list[str]:
    return [notify(user, title=f"Title {n}").notifications[0].pk for n in range(count)]


def test_each_state_is_shown_under_its_tab() -> None:
    alice, now = make_user("alice", language="en"), timezone.now()
    unread, read, archived, snoozed = ring(alice, 4)
    actions.mark_read(alice.pk, [read])
    actions.archive(alice.pk, [archived])
    actions.snooze(alice.pk, [snoozed], now + dt.timedelta(days=2))
    pending = Notification.objects.create(user=alice, title="By the ORM").pk
    client = viewer()
    shown = {
        view: {row.pk for row in client.get(page_of(alice), {"view": view}).context["shown"]}
        for view in ("", "unread", "archived", "snoozed", "pending", "nonsense")
    }
    everything = {unread, read, archived, snoozed, pending}
    assert shown == {
        "": everything,
        "unread": {unread},
        "archived": {archived},
        "snoozed": {snoozed},
        "pending": {pending},
        "nonsense": everything,
    }
    page = said(client, page_of(alice))
    assert "snoozed until" in page and ">archived<" in page and ">pending<" in page and ">not seen<" in page
    assert "The inbox of alice" in page and "English" in page


def test_a_long_inbox_has_pages() -> None:
    alice = make_user()
    ring(alice, 120)
    client = viewer()
    sizes = [len(client.get(page_of(alice), {"p": n}).context["shown"]) for n in (1, 2, 3)]
    assert sizes == [50, 50, 20]
    # Rows, tabs, person, counters twice, staged, held, fan-outs; and what every page of the admin asks.
    with CaptureQueriesContext(connection) as asked:
        client.get(page_of(alice))
    assert len(asked) <= 16


@pytest.mark.parametrize(
    ("action", "state"),
    [("read", (False, 1)), ("unread", (True, 1)), ("archive", (False, 1)), ("unarchive", (False, 0))],
)
def test_what_is_done_here_reaches_open_tabs_and_is_logged(action: str, state: tuple[bool, int]) -> None:
    alice = make_user()
    ids = ring(alice, 3)
    is_prepared, changed = state
    if is_prepared:
        actions.mark_read(alice.pk, ids[:1])
    before = len(events_of(alice))
    page = said(staff(*SEE, "change_notification"), page_of(alice), {"action": action, "ids": ids[:1]})
    assert ": done for 1 notification." in page
    assert [name for name, _ in events_of(alice)][before:] == ["notification.updated"] * changed
    assert counters(alice) == recount(alice)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(alice.pk), f"{action}: {ids[0]}")


def test_deleting_asks_first() -> None:
    alice = make_user()
    ids = ring(alice, 3)
    client = staff(*SEE, "delete_notification")
    asked = said(client, page_of(alice), {"action": "delete", "ids": ids[:2]})
    assert "These 2 notifications" in asked and Notification.objects.count() == 3
    said(client, page_of(alice), {"action": "delete", "ids": ids[:2], "confirmed": "1"})
    assert list(Notification.objects.values_list("pk", flat=True)) == ids[2:]
    assert events_of(alice)[-1][0] == "notification.deleted" and counters(alice) == (1, 1)


def test_drift_is_shown_and_corrected() -> None:
    alice = make_user()
    ring(alice, 2)
    client = staff(*SEE, "change_inbox")
    assert "Correct the counters" not in said(client, page_of(alice))
    Inbox.objects.filter(pk=alice.pk).update(unread=99)
    page = said(client, page_of(alice))
    assert ">99<" in page and "Correct the counters" in page
    assert "The counters were corrected." in said(client, page_of(alice), {"_correct": "1"})
    assert counters(alice) == (2, 2) and events_of(alice)[-1][0] == "inbox.corrected"
    assert "The counters are right." in said(client, page_of(alice), {"_correct": "1"})


def test_fan_outs_on_their_way_and_the_brake_are_told() -> None:
    people = make_users(25)
    notify(people, title="On its way")
    BrakeRecord.objects.create(user=people[0], kind="x", minute=timezone.now(), held=7)
    client = viewer()
    page = said(client, page_of(people[0]))
    assert "A fan-out has yet to reach this person: On its way (0 of 25)." in page
    assert "held back 7 notifications" in page
    assert "fan-out" not in said(client, page_of(make_user())).split("content-main")[1]


def test_who_may_only_look_sees_no_button_and_is_refused() -> None:
    alice = make_user()
    ids = ring(alice)
    Inbox.objects.filter(pk=alice.pk).update(unread=99)
    client = viewer()
    page = said(client, page_of(alice)).split("content-main")[1]
    assert "<button" not in page and 'type="submit"' not in page and "Send a notification" not in page
    for data in (
        {"action": "read"},
        {"action": "delete", "confirmed": "1"},
        {"_correct": "1"},
        {"action": "nonsense"},
        {},
    ):
        assert client.post(page_of(alice), {**data, "ids": ids}).status_code == 403
    assert Notification.objects.get().is_read is False and counters(alice) == (99, 1)
    # One permission opens one door.
    assert staff(*SEE, "change_notification").post(page_of(alice), {"action": "delete", "ids": ids}).status_code == 403
    assert staff(*SEE, "change_notification").post(page_of(alice), {"_correct": "1"}).status_code == 403


@pytest.mark.parametrize("lacking", SEE)
def test_who_may_not_look_at_both_is_refused(lacking: str) -> None:
    alice = make_user()
    client = staff(*(name for name in SEE if name != lacking))
    assert client.get(page_of(alice)).status_code == 403
    assert client.get(f"{APP}inbox/find/", {"user": "alice"}).status_code == 403


def test_a_form_of_another_site_is_refused() -> None:
    alice = make_user()
    ids = ring(alice)
    client = staff()
    client.handler.enforce_csrf_checks = True
    assert client.post(page_of(alice), {"action": "read", "ids": ids}).status_code == 403
    assert counters(alice) == (1, 1)


def test_notifications_of_others_are_not_touched_from_here() -> None:
    alice, bruno = make_user(), make_user()
    page = said(staff(), page_of(alice), {"action": "read", "ids": ring(bruno)})
    assert "Select notifications first." in page and counters(bruno) == (1, 1)


def test_everybody_is_found_by_picking_or_by_name() -> None:
    alice = make_user("alice", email="alice@example.org", first_name="Alice")
    bruno = make_user("bruno")
    ring(alice)
    client, blind = staff(), viewer()
    assert [row.pk for row in client.get(f"{APP}inbox/", {"q": "alice@ex"}).context["cl"].result_list] == [alice.pk]
    # Bruno was never notified; without the permission to search users one types.
    assert client.get(f"{APP}inbox/find/", {"user": bruno.pk}).headers["Location"] == page_of(bruno)
    for typed in ("alice", "Alice@Example.org", str(alice.pk)):
        assert blind.get(f"{APP}inbox/find/", {"user": typed}).headers["Location"] == page_of(alice)
    for typed in ("nobody", "", "\0", "9" * 30):
        assert (
            "There is no such person." in blind.get(f"{APP}inbox/find/", {"user": typed}, follow=True).content.decode()
        )
    assert "There is no such person." in blind.get(f"{APP}inbox/424242/change/", follow=True).content.decode()
    assert f'href="{page_of(alice)}"' in said(client, f"{APP}notification/")


def test_somebody_without_counters_has_a_page_too() -> None:
    assert "Nothing here." in said(viewer(), page_of(make_user()))


def test_words_of_notifications_are_only_text() -> None:
    alice = make_user("<b>alice</b>")
    notify(alice, title="<script>alert(1)</script>", message="<img src=x>")
    client = staff()
    for path in (page_of(alice), f"{APP}inbox/", f"{APP}notification/"):
        page = said(client, path)
        assert "<script>alert" not in page and "<b>alice" not in page and "<img src=x" not in page


def test_a_person_with_an_inbox_can_be_deleted_in_the_admin_and_an_inbox_alone_cannot() -> None:
    alice, client = make_user(), staff()
    ring(alice)
    assert client.post(f"{APP}inbox/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in said(client, f"{APP}inbox/")
    said(client, f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})
    assert not Inbox.objects.exists() and not Notification.objects.exists()


def test_it_is_in_french() -> None:
    alice = make_user("alice")
    ring(alice)
    page = said(staff(language="fr"), page_of(alice))
    for words in ("Boîte : alice", "Marquer lues", "recompté", "Non lues", "pas vue", "Notifications de Carillon"):
        assert words in page
