"""A snapshot is of one moment, whoever writes while it is read, says what the rows say, and takes one statement."""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from carillon.notifications import actions, notify
from carillon.notifications.models import Notification, new_id
from carillon.notifications.queries import states_of
from carillon.people.models import Profile
from carillon.people.tokens import open_session
from carillon.realtime.event import encode_json
from carillon.realtime.identity import Person
from tests.features.notifications.answering import LINK, NO, YES
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

URL = "/api/v1/notifications/"


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {open_session(user).access}")
    return client


def host_face(user: Any) -> Person:
    return Person(id=str(user.pk), name=f"Dr {user.username}")


def test_what_is_read_belongs_together() -> None:
    alice = make_user()
    client = client_of(alice)
    is_over = threading.Event()

    def write() -> None:
        try:
            for number in range(60):
                notify(alice, title=f"{number}")
        finally:
            connections.close_all()
            is_over.set()

    writer = threading.Thread(target=write)
    writer.start()
    found, was_over = 0, False
    while not was_over:
        was_over = is_over.is_set()
        page = client.get(URL, {"limit": 100}).json()
        found = len(page["results"])
        assert [item["number"] for item in page["results"]] == list(range(found, 0, -1))
        assert page["inbox"] == dict.fromkeys(("unread", "unseen", "version", "last_number"), found)
        assert page["position"]["offset"] == found
    writer.join()
    assert found == 60


def _in_every_state(user: Any) -> None:
    others = [make_user(first_name="Inès", last_name="Benkirane"), make_user("sam@example.org"), make_user()]
    Profile.objects.create(user=others[2], display_name="Sam", role="Électricité", avatar_url="/faces/sam.png")
    for place in range(9):
        notify(user, title=f"n{place}", data={"é": [place, None, 1.5]}, actor=others[place % 3], url="/x?y=1")
    ids = [notify(user, title="Viendrez-vous ?", buttons=[YES, NO, LINK], data={"a": 1}).ids[0] for _ in range(3)]
    actions.press(user.pk, ids[0], "yes")
    actions.mark_read(user.pk, [ids[1]])
    actions.archive(user.pk, [notify(user, title="away").ids[0]])
    actions.snooze(user.pk, [notify(user, title="later").ids[0]], timezone.now() + dt.timedelta(hours=1))
    for odd in (
        {"severity": "shrill"},
        {"url": "javascript:alert(1)"},
        {"url": "//elsewhere"},
        {"data": ["no object"]},
    ):
        # Nobody validates what comes by SQL.
        Notification.objects.create(user=user, id=new_id(), title="odd", created_at=timezone.now(), **odd)
    actions.settle([user.pk])


@pytest.mark.parametrize("person", [None, f"{__name__}.host_face"])
def test_a_page_says_what_the_rows_say(person: str | None) -> None:
    alice, bob = make_user(), make_user()
    _in_every_state(alice)
    notify(bob, title="not hers")
    with override_settings(CARILLON={"PERSON": person} if person else {}):
        for view in ("inbox", "archive", "snoozed"):
            rows = {"inbox": Notification.objects.in_inbox(), "archive": Notification.objects.exclude(archived_at=None)}
            wanted = rows.get(view, Notification.objects.exclude(snoozed_until=None)).filter(user=alice)
            told = json.loads(encode_json(states_of(wanted.order_by("-number"))))
            assert told and client_of(alice).get(URL, {"view": view, "limit": 100}).json()["results"] == told
            [one, *_] = told
            assert client_of(alice).get(f"{URL}{one['id']}/").json()["notification"] == one
            assert client_of(bob).get(f"{URL}{one['id']}/").status_code == 404


@pytest.mark.parametrize("path", ["?limit=50", "?limit=50&q=n&unread=true", "inbox/", "{id}/"])
def test_a_request_takes_two_statements(path: str) -> None:
    alice = make_user()
    _in_every_state(alice)
    url = URL + path.format(id=Notification.objects.filter(user=alice).values_list("pk", flat=True)[0])
    client = client_of(alice)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) == 2, [each["sql"] for each in asked.captured_queries]
