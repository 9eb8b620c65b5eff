"""REST of notifications: snapshots with a position, pages, filters, writes that happen once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from carillon.notifications import actions, notify
from carillon.notifications.models import Notification
from carillon.realtime import log
from carillon.realtime.topic import user_topic
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

URL = "/api/v1/notifications/"


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@covers("000-12", "004-47", "003-90")
def test_a_snapshot_has_the_position_from_which_events_go_on() -> None:
    alice = make_user()
    notify(alice, title="une")
    Notification.objects.create(user=alice, title="deux, insérée")
    page = client_of(alice).get(URL).json()
    assert [item["title"] for item in page["results"]] == ["deux, insérée", "une"], (
        "what was pending is announced first"
    )
    assert page["position"]["offset"] == log.head(user_topic(alice.pk)).offset == 2
    assert page["inbox"] == {"unread": 2, "unseen": 2, "version": 2, "last_number": 2}


def test_a_person_without_notifications_gets_a_position_too() -> None:
    page = client_of(make_user()).get(URL).json()
    assert page["results"] == [] and page["next"] is None and page["position"]["offset"] == 0
    assert page["position"]["epoch"].endswith(".0")


def test_pages_go_on_where_the_last_one_ended_whatever_comes_meanwhile() -> None:
    alice = make_user()
    for n in range(7):
        notify(alice, title=f"n{n}")
    client = client_of(alice)
    first = client.get(URL, {"limit": 3}).json()
    notify(alice, title="meanwhile")
    second = client.get(URL, {"limit": 3, "cursor": first["next"]}).json()
    third = client.get(URL, {"limit": 3, "cursor": second["next"]}).json()
    titles = [item["title"] for page in (first, second, third) for item in page["results"]]
    assert titles == [f"n{n}" for n in range(6, -1, -1)] and third["next"] is None


def test_filters() -> None:
    alice = make_user()
    notify(alice, title="Réunion", type="event", severity="warning")
    notify(alice, title="Message", message="à propos de la réunion", type="message")
    read = notify(alice, title="Lu").notifications[0].pk
    actions.mark_read(alice.pk, [read])
    actions.archive(alice.pk, [notify(alice, title="Rangé").notifications[0].pk])
    client = client_of(alice)

    def titles(**query: str) -> list[str]:
        return [item["title"] for item in client.get(URL, query).json()["results"]]

    assert titles() == ["Lu", "Message", "Réunion"]
    assert titles(unread="true") == ["Message", "Réunion"]
    assert titles(type="event") == ["Réunion"] == titles(severity="warning")
    assert titles(q="union") == ["Message", "Réunion"]
    assert titles(view="archive") == ["Rangé"] and titles(view="snoozed") == []


@pytest.mark.parametrize(
    "query",
    [
        {"view": "all"},
        {"unread": "maybe"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"cursor": "zz"},
        {"q": "\0"},
    ],
)
def test_a_bad_query_is_told_by_field(query: dict[str, str]) -> None:
    answer = client_of(make_user()).get(URL, query)
    assert answer.status_code == 400 and answer["Content-Type"].startswith("application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == list(query)


@covers("004-42")
def test_nobody_reads_or_changes_anothers_and_cannot_tell_it_from_none() -> None:
    alice, bruno = make_user(), make_user()
    foreign = notify(bruno, title="private").notifications[0].pk
    client = client_of(alice)
    for method, path in [
        ("get", ""),
        ("delete", ""),
        *[("post", f"{name}/") for name in ("read", "unread", "archive", "unarchive", "unsnooze")],
    ]:
        answers = [getattr(client, method)(f"{URL}{key}/{path}") for key in (foreign, "0" * 12)]
        assert {answer.status_code for answer in answers} == {404}
        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        assert bodies[0] == bodies[1]
    assert client.post(f"{URL}batch/", {"action": "read", "ids": [foreign]}, format="json").status_code == 404
    assert not Notification.objects.get(pk=foreign).is_read
    assert APIClient().get(URL).status_code == 401


def test_every_write_answers_with_counters_and_position() -> None:
    alice = make_user()
    ids = [notify(alice, title=f"n{n}").notifications[0].pk for n in range(6)]
    client = client_of(alice)
    far = {"until": "2099-01-01T00:00:00Z"}
    assert client.post(f"{URL}{ids[0]}/snooze/", far, format="json").status_code == 400, "beyond a year"
    for wrong in ({"action": "snooze", "ids": ids[:1]}, {"action": "read", "ids": ids[:1], **far}):
        assert client.post(f"{URL}batch/", wrong, format="json").json()["errors"][0]["field"] == "until"
    for path, body in [
        (f"{ids[0]}/read/", None),
        (f"{ids[0]}/unread/", None),
        (f"{ids[1]}/archive/", None),
        (f"{ids[1]}/unarchive/", None),
        ("seen/", {"up_to": 3}),
        ("batch/", {"action": "read", "ids": ids[2:4]}),
        (
            "batch/",
            {"action": "snooze", "ids": ids[4:5], "until": (timezone.now() + dt.timedelta(hours=1)).isoformat()},
        ),
        ("read-all/", {"up_to": 5}),
        ("read-all/", {}),
        ("clear-read/", {"up_to": 2}),
    ]:
        answer = client.post(URL + path, body, format="json")
        assert answer.status_code == 200, (path, answer.content)
        said = answer.json()
        assert (said["inbox"]["unread"], said["inbox"]["unseen"]) == counters(alice) == recount(alice)
        assert said["position"]["offset"] == len(events_of(alice))
    stamp = client.post(f"{URL}read-all/", {}, format="json").json()["stamp"]
    assert client.post(f"{URL}restore-unread/", {"stamp": stamp}, format="json").status_code == 200
    assert client.delete(f"{URL}{ids[5]}/").status_code == 200
    assert client.get(f"{URL}inbox/").json()["inbox"]["unread"] == recount(alice)[0]


def test_a_repeated_write_gets_its_first_answer() -> None:
    alice = make_user()
    one, two = (notify(alice, title="x").notifications[0].pk for _ in range(2))
    client = client_of(alice)
    first = client.post(f"{URL}{one}/read/", HTTP_IDEMPOTENCY_KEY="k1")
    actions.mark_unread(alice.pk, [one])
    again = client.post(f"{URL}{one}/read/", HTTP_IDEMPOTENCY_KEY="k1")
    assert again.json() == first.json() and again["Idempotency-Replayed"] == "true"
    assert not Notification.objects.get(pk=one).is_read, "it was not done again"
    other = client.post(f"{URL}{two}/read/", HTTP_IDEMPOTENCY_KEY="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    missing = client.post(f"{URL}{'0' * 12}/read/", HTTP_IDEMPOTENCY_KEY="k2")
    assert missing.status_code == 404
    assert client.post(f"{URL}{two}/read/", HTTP_IDEMPOTENCY_KEY="k2").status_code == 200, "errors are not kept"


def test_staff_notify_by_user_name_and_others_may_not() -> None:
    staff, alice = make_user(is_staff=True), make_user("alice")
    body = {"recipients": ["alice"], "title": "Maintenance", "severity": "warning"}
    assert client_of(alice).post(URL, body, format="json").status_code == 403
    first = client_of(staff).post(URL, body, format="json", HTTP_IDEMPOTENCY_KEY="k")
    assert first.status_code == 201 and len(first.json()["ids"]) == 1
    client_of(staff).post(URL, body, format="json", HTTP_IDEMPOTENCY_KEY="k")
    assert Notification.objects.count() == 1
    unknown = client_of(staff).post(URL, {**body, "recipients": ["nobody"]}, format="json")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "recipients")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"recipients": [], "title": "x"}, "recipients"),
        ({"recipients": ["alice"]}, "title"),
        ({"recipients": ["alice"], "title": "x", "url": "javascript:1"}, "url"),
        ({"recipients": ["alice"], "title": "x", "user_id": 3}, ""),
        ({"recipients": "alice", "title": "x"}, "recipients"),
    ],
)
def test_bad_bodies_are_told_by_field(body: dict[str, Any], field: str) -> None:
    make_user("alice")
    answer = client_of(make_user(is_staff=True)).post(URL, body, format="json")
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert not Notification.objects.exists()
