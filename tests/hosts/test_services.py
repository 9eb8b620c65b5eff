"""Services and imports in a host whose users have UUIDs and sign in by e-mail address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.host import Host, postgresql, project, sqlite
from tests.support import postgres

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

ANNA = "anna@example.org"
SCRIPT = """
from django.core.management import call_command
from django.db import connections
from django.test import Client, override_settings
from django.urls import include, path
from solo.models import Account
from carillon.notifications.models import Inbox, Notification
from carillon.people.actions import create_key

_, credential = create_key("crm", "crm", ["notifications:send", "people:read", "people:write"])
service = Client(headers={"Authorization": f"Api-Key {credential}", "Host": "127.0.0.1"})
urls = (path("api/", include("carillon.people.urls")), path("api/", include("carillon.notifications.urls")))

def send(method, path, **body):
    return getattr(service, method)(path, body, "application/json")

with override_settings(ROOT_URLCONF=urls):
    refused = send("put", "/api/people/0/", user="anna@example.org")
    assert refused.status_code == 403, refused.content
    made = send("put", "/api/people/1/", name="Ben")
    assert made.status_code == 201, made.content
    ben = Account.objects.get(pk=made.json()["person"]["id"])
    assert ben.email == made.json()["username"] == made.json()["email"] == "crm-1@people.invalid", made.content
    assert not ben.has_usable_password()
    named = send("put", "/api/people/2/", email="Cleo@Example.org")
    assert named.json()["username"] == "Cleo@Example.org", named.content
    moved = send("put", "/api/people/1/", email="ben@example.org")
    assert (moved.status_code, moved.json()["username"]) == (200, "ben@example.org"), moved.content
    taken = send("put", "/api/people/2/", email="ben@example.org")
    assert taken.status_code == 409, taken.content
    sent = send("post", "/api/notifications/", title="Hello", external_ids=["1"], recipients=["anna@example.org"])
    assert sent.status_code == 201 and len(sent.json()["ids"]) == 2, sent.content

# What was there before, in a database of its own with content types of its own and the naive times of Paris.
connections.databases["old"] = {**connections.databases["default"], "ENGINE": "django.db.backends.sqlite3",
                                "NAME": ":memory:", "OPTIONS": {}, "TIME_ZONE": "Europe/Paris"}
cleo = named.json()["person"]["id"]
with connections["old"].cursor() as cursor:
    cursor.execute("CREATE TABLE django_content_type (id, app_label, model)")
    cursor.execute("INSERT INTO django_content_type VALUES (777, 'solo', 'account'), (778, 'blog', 'post')")
    cursor.execute("CREATE TABLE notifications_notification (id, level, unread, verb, recipient_id, deleted, timestamp,"
                   " actor_content_type_id, actor_object_id, target_content_type_id, target_object_id)")
    cursor.execute("INSERT INTO notifications_notification VALUES (1, 'info', 1, 'wrote', %s, 0, '2020-01-01 12:00:00',"
                   " 777, %s, 778, '5')", [ben.pk.hex, cleo])
call_command("carillon_import_notifications", alias="old")
call_command("carillon_import_notifications", alias="old")
old, new = Notification.objects.filter(user=ben).order_by("number")
assert (old.title, old.number, str(old.actor_id)) == ("wrote", 1, cleo)
assert old.data == {"target": {"type": "blog.post", "id": "5"}}
assert old.created_at.isoformat() == "2020-01-01T11:00:00+00:00", old.created_at
assert (new.title, new.number, Inbox.objects.get(pk=ben.pk).unread) == ("Hello", 2, 2)
print("well")
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_people_are_made_mapped_notified_and_imported(database: str, tmp_path: Path, postgres_url: str) -> None:
    settings = (
        sqlite(tmp_path) if database == "sqlite" else postgresql(postgres.create_database(postgres_url, "services"))
    )
    host = Host(project("alone"), "solo", tmp_path, settings).prepare(ANNA)
    assert host.manage("shell", "-v", "0", "-c", SCRIPT).rstrip().endswith("well")
