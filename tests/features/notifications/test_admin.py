"""The admin: what staff add, change or delete there rings, and is counted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from carillon.notifications import notify
from carillon.notifications.models import Notification
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

BASE = "/admin/carillon_notifications/notification/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@covers("001-15")
@pytest.mark.django_db(transaction=True)
def test_add_change_and_delete_go_through_the_actions(admin: Client) -> None:
    alice, bruno = make_user(), make_user()
    form = {
        "user": alice.pk,
        "actor": bruno.pk,
        "title": "De l’administration",
        "message": "",
        "type": "system",
        "severity": "info",
        "url": "",
        "icon": "",
    }
    assert admin.post(BASE + "add/", form).status_code == 302
    row = Notification.objects.get()
    assert [name for name, _ in events_of(alice)] == ["notification.created"] and counters(alice) == (1, 1)
    page = admin.get(f"{BASE}{row.pk}/change/")
    assert page.status_code == 200
    assert admin.post(f"{BASE}{row.pk}/change/", {**form, "title": "Corrigée"}).status_code == 302
    assert events_of(alice)[-1][1]["notifications"][0]["title"] == "Corrigée"
    assert admin.post(f"{BASE}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert events_of(alice)[-1] == (
        "notification.deleted",
        {"ids": [row.pk], "inbox": {"unread": 0, "unseen": 0, "version": 3, "last_number": 1}},
    )


@pytest.mark.django_db(transaction=True)
def test_a_bad_link_is_refused_in_the_form(admin: Client) -> None:
    form = {"user": make_user().pk, "title": "x", "type": "system", "severity": "info", "url": "javascript:alert(1)"}
    answer = admin.post(BASE + "add/", form)
    assert answer.status_code == 200 and not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_many_tells_each_person(admin: Client) -> None:
    alice, bruno = make_user(), make_user()
    rows = [notify(person, title="x").notifications[0].pk for person in (alice, bruno) for _ in range(3)]
    admin.post(BASE, {"action": "delete_selected", "_selected_action": rows[1:], "post": "yes"})
    assert list(Notification.objects.values_list("pk", flat=True)) == rows[:1]
    assert counters(alice) == recount(alice) == (1, 1) and counters(bruno) == recount(bruno) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["inbox", "fanout", "brakerecord", "notification"])
def test_every_list_opens(admin: Client, name: str) -> None:
    notify(make_user(), title="x")
    assert admin.get(f"/admin/carillon_notifications/{name}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_command_notifies_and_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    alice = make_user("alice")
    call_command("carillon_notify", "alice", "Bonjour", "--message", "ça va ?", "--url", "/x")
    assert "for alice: Bonjour" in capsys.readouterr().out
    assert events_of(alice)[0][1]["notification"]["url"] == "/x"
    with pytest.raises(CommandError, match="Nobody is called 'bob'"):
        call_command("carillon_notify", "bob", "Bonjour")
    with pytest.raises(CommandError, match="url"):
        call_command("carillon_notify", "alice", "Bonjour", "--url", "ftp://x")


WRITES = {
    "create",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "update",
    "bulk_update",
    "delete",
    "save",
    "acreate",
    "asave",
    "adelete",
    "aupdate",
}
OURS = re.compile("Notification|Inbox|Fanout")
SOURCES = Path(__file__).resolve().parents[3] / "src" / "carillon"


def test_only_the_actions_write_notifications() -> None:
    """Anything outside actions/ that writes one of the feature's tables would ring nothing and count nothing."""
    found = []
    for path in SOURCES.rglob("*.py"):
        inside = path.relative_to(SOURCES).as_posix()
        # The demo inserts its past as a host would, behind our back.
        if inside.startswith(("notifications/actions/", "notifications/migrations/", "server/demo/seed.py")):
            continue
        text = path.read_text(encoding="utf-8")
        if "notifications" not in inside and "carillon.notifications.models" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                receiver = ast.unparse(node.func.value)
                # Conversations keep their own rows, and read these.
                is_foreign = inside.startswith("conversations/actions/") and not OURS.search(receiver)
                if receiver != "actions" and not is_foreign:
                    found.append(f"{inside}: {receiver}.{node.func.attr}")
    assert found == []
