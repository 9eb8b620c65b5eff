"""Sending from the admin: a preview in each language, errors beside their fields, and the brake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client, override_settings

from carillon.notifications import kinds, notify, register_kind
from carillon.notifications.models import BrakeRecord, Notification
from tests.features.notifications.inbox import events_of
from tests.features.notifications.staff import APP, staff, viewer
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ADD = f"{APP}notification/add/"


@pytest.fixture(autouse=True)
def paid() -> Iterator[None]:
    """A kind that speaks both languages, one that speaks one, one that cannot be filled in."""
    texts = {
        "fr": ("Commande {{ order.id }} payée", "{% if items > 1 %}{{ items }} articles{% endif %}"),
        "en": ("Order {{ order.id }} is paid", ""),
    }
    register_kind("tests.paid", texts, type="event", severity="success", url="/orders/{{ order.id }}/")
    register_kind("tests.only_french", {"fr": ("Bonjour {{ name }}", "")})
    register_kind("tests.fails", {"fr": ("{% include 'missing.html' %}", "")})
    yield
    for name in ("tests.paid", "tests.only_french", "tests.fails"):
        del kinds._kinds[name]


def errors_of(client: Client, **data: Any) -> dict[str, list[str]]:
    answer = client.post(ADD, data)
    assert answer.status_code == 200 and not Notification.objects.exists()
    found: dict[str, list[str]] = answer.context_data["form"].errors
    return found


@covers("001-15")
def test_a_preview_shows_both_languages_as_they_will_be_read_and_sends_nothing() -> None:
    alice = make_user(language="en")
    form = {"user": alice.pk, "kind": "tests.paid", "params": '{"order": {"id": 12}, "items": 3}'}
    answer = staff().post(ADD, {**form, "_preview": "1"})
    french, english = answer.context_data["previews"]
    assert (french.columns["title"], french.columns["message"]) == ("Commande 12 payée", "3 articles")
    assert (english.columns["title"], english.columns["url"]) == ("Order 12 is paid", "/orders/12/")
    assert (french.is_recipients, english.is_recipients, english.columns["severity"]) == (False, True, "success")
    page = answer.content.decode()
    assert page.index("Commande 12 payée") < page.index("Order 12 is paid") and "read by this person" in page
    assert not Notification.objects.exists()
    # What was looked at is what is sent.
    assert staff().post(ADD, form).status_code == 302
    row = Notification.objects.get()
    assert {name: getattr(row, name) for name in english.columns} == english.columns
    assert events_of(alice)[0][1]["notification"]["title"] == "Order 12 is paid"


def test_a_preview_needs_nobody_and_sending_does() -> None:
    client = staff()
    shown = client.post(ADD, {"title": "Hello", "_preview": "1"}).context_data["previews"]
    assert [each.columns["title"] for each in shown] == ["Hello", "Hello"]
    assert errors_of(client, title="Hello").keys() == {"user"}


def test_a_kind_that_lacks_a_language_says_so() -> None:
    form = {"kind": "tests.only_french", "params": '{"name": "Zoé"}', "_preview": "1"}
    answer = staff().post(ADD, form)
    assert [each.is_missing for each in answer.context_data["previews"]] == [False, True]
    assert "The kind has no words in this language" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("title", {}, "a title or a kind is needed"),
        ("url", {"title": "x", "url": "javascript:alert(1)"}, "a path starting with /"),
        ("url", {"title": "x", "url": "//evil.example"}, "a path starting with /"),
        ("params", {"kind": "tests.paid", "params": "{"}, "JSON"),
        ("params", {"kind": "tests.paid", "params": "[1]"}, "A JSON object is needed"),
        ("params", {"kind": "tests.paid", "params": '"x"'}, "A JSON object is needed"),
        ("params", {"kind": "tests.fails"}, "The words cannot be filled in: missing.html"),
        ("title", {"title": "x" * 300}, "at most 255 characters"),
        ("type", {"title": "x", "type": "x" * 40}, "at most 32 characters"),
        ("kind", {"kind": "tests.unknown"}, "Select a valid choice"),
        ("severity", {"title": "x", "severity": "awful"}, "Select a valid choice"),
        ("user", {"title": "x", "user": "424242"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_loses_nothing(field: str, given: dict[str, str], words: str) -> None:
    client = staff()
    for button in ({"_preview": "1"}, {}):
        form = {"user": make_user().pk, **given, **button}
        found = errors_of(client, **form)
        assert words in " ".join(found[field]), found
        assert set(found) == {field}
    page = client.post(ADD, {"user": make_user().pk, **given, "message": "Kept"}).content.decode()
    assert "Kept</textarea>" in page


def test_errors_are_in_french_too() -> None:
    found = errors_of(staff(language="fr"), user=make_user().pk, title="x", url="ftp://x")
    assert found["url"] == ["il faut un chemin qui commence par / ou une adresse http(s)"]


@pytest.mark.django_db(transaction=True)
def test_the_brake_is_kept_and_said() -> None:
    alice = make_user("alice")
    with override_settings(CARILLON={"BRAKE_PER_MINUTE": 2}):
        for _ in range(2):
            notify(alice, title="Again")
        answer = staff().post(ADD, {"user": alice.pk, "title": "Once more"})
    page = answer.content.decode()
    assert answer.status_code == 200 and 'value="Once more"' in page
    assert "The brake held this back: alice had 2 of this kind within the last minute." in page
    assert Notification.objects.count() == 2 and BrakeRecord.objects.get().held == 1
    assert not LogEntry.objects.exists()


def test_after_sending_one_is_in_the_inbox_of_who_got_it() -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    answer = staff().post(ADD, {"user": alice.pk, "actor": bruno.pk, "title": "<b>Hello</b>"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{APP}inbox/{alice.pk}/change/"
    assert "Sent to alice: “&lt;b&gt;Hello&lt;/b&gt;”." in answer.content.decode()
    row = Notification.objects.get()
    assert (row.actor, LogEntry.objects.get().object_id) == (bruno, row.pk)


def test_who_may_only_send_sends_to_somebody_they_name() -> None:
    alice, client = make_user("alice"), staff("add_notification")
    assert "What they sign in by" in client.get(ADD).content.decode()
    assert errors_of(client, user="nobody", title="x")["user"] == ["There is no such person."]
    answer = client.post(ADD, {"user": "alice", "title": "Hello"})
    assert answer.headers["Location"] == ADD and Notification.objects.get().user == alice


def test_who_may_not_send_is_refused() -> None:
    alice, client = make_user(), viewer()
    assert client.get(ADD).status_code == client.post(ADD, {"user": alice.pk, "title": "x"}).status_code == 403
    assert "Send a notification" not in client.get(f"{APP}notification/").content.decode()


def test_a_link_fills_in_whom_and_what() -> None:
    alice = make_user("alice")
    page = staff().get(ADD, {"user": alice.pk, "kind": "tests.paid"}).content.decode()
    assert f'<option value="{alice.pk}" selected>' in page and '<option value="tests.paid" selected>' in page
    assert '"tests.paid": {"order": "", "items": ""}' in page
