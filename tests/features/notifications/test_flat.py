"""The flat REST of the sources: literal addresses, plain arrays and counts, over the same writes as every other door."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from carillon.notifications import actions, notify
from carillon.notifications.models import Notification
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

BELL, MENTORING = "/api/notifications/", "/notifications/"
KEYS = {
    "id",
    "type",
    "title",
    "message",
    "message_id",
    "data",
    "is_read",
    "created_at",
    "url",
    "severity",
    "kind",
}


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def ring(user: Any, title: str, **options: Any) -> str:
    return notify(user, title=title, **options).notifications[0].pk


@covers("000-13", "001-14", "001-21")
@pytest.mark.parametrize("url", [BELL, MENTORING])
def test_the_list_is_an_array_newest_first_with_the_fields_of_the_document(url: str) -> None:
    alice = make_user()
    ring(alice, "une", type="message", data={"chat_room_id": 7}, message_id=12)
    Notification.objects.create(user=alice, title="deux, insérée")
    ring(make_user(), "d’une autre")
    found = client_of(alice).get(url).json()
    assert [item["title"] for item in found] == ["deux, insérée", "une"]
    assert all(item.keys() == KEYS for item in found)
    assert (found[1]["message_id"], found[1]["data"], found[1]["type"]) == ("12", {"chat_room_id": 7}, "message")


@covers("001-21")
def test_the_filters_of_the_document() -> None:
    alice = make_user()
    ring(alice, "courrier", type="email")
    ring(alice, "réunion", type="event")
    Notification.objects.create(user=alice, title="rappel", type="system", kind="booking.reminder")
    actions.mark_read(alice.pk, [ring(alice, "lue", type="event")])
    client = client_of(alice)

    def titles(**query: str) -> list[str]:
        return [item["title"] for item in client.get(MENTORING, query).json()]

    assert set(titles()) == {"courrier", "réunion", "rappel", "lue"}
    assert set(titles(unread_only="true")) == {"courrier", "réunion", "rappel"} == set(titles(unread_only="True"))
    assert len(titles(unread_only="false")) == 4 == len(titles(unread_only=""))
    assert titles(type="event") == ["lue", "réunion"]
    assert titles(type="booking.reminder") == ["rappel"], "a type is the type or the kind"
    assert titles(type="event", unread_only="1") == ["réunion"]


def test_pages_are_linked_and_keep_their_filters() -> None:
    alice = make_user()
    for number in range(7):
        ring(alice, f"n{number}", type="event")
    client = client_of(alice)
    seen, url = [], f"{BELL}?type=event&limit=3"
    while url:
        answer = client.get(url)
        seen.append([item["title"] for item in answer.json()])
        link = answer.headers.get("Link", "")
        assert not link or (link.startswith(f"<{BELL}?") and link.endswith('>; rel="next"') and "type=event" in link)
        url = link.removeprefix("<").partition(">")[0]
    assert seen == [["n6", "n5", "n4"], ["n3", "n2", "n1"], ["n0"]]


def test_a_list_without_a_limit_is_bounded() -> None:
    alice = make_user()
    Notification.objects.bulk_create(Notification(user=alice, title=f"n{number}") for number in range(101))
    answer = client_of(alice).get(MENTORING)
    assert len(answer.json()) == 100 and "limit" not in answer.headers["Link"]


@covers("000-14", "001-05", "001-25")
@pytest.mark.parametrize("url", [BELL, MENTORING])
def test_the_count_is_that_of_the_inbox(url: str) -> None:
    alice = make_user()
    ring(alice, "une")
    Notification.objects.create(user=alice, title="deux, insérée")
    actions.archive(alice.pk, [ring(alice, "rangée")])
    assert client_of(alice).get(f"{url}unread-count/").json() == {"unread_count": 2}


@covers("000-15", "001-04", "001-23", "003-12")
@pytest.mark.parametrize("url", [BELL, MENTORING])
def test_read_and_unread_again(url: str) -> None:
    alice = make_user()
    id = ring(alice, "une")
    client = client_of(alice)
    read = client.post(f"{url}{id}/read/").json()
    assert read.keys() == {"notification", "unread_count"} and read["notification"].keys() == KEYS
    assert (read["notification"]["is_read"], read["unread_count"]) == (True, 0)
    assert client.post(f"{url}{id}/read/").json() == read, "again it changes nothing"
    unread = client.post(f"{url}{id}/unread/").json()
    assert (unread["notification"]["is_read"], unread["unread_count"]) == (False, 1)
    assert counters(alice) == recount(alice)
    assert [name for name, _ in events_of(alice)][1:] == ["notification.updated"] * 2


@covers("000-16", "001-04", "001-24")
@pytest.mark.parametrize("path", [f"{BELL}mark-all-read/", f"{MENTORING}read-all/"])
def test_mark_all_read_under_both_names(path: str) -> None:
    alice = make_user()
    ring(alice, "une"), ring(alice, "deux")
    assert client_of(alice).post(path).json() == {"unread_count": 0}
    assert counters(alice)[0] == 0


@covers("001-22", "001-26")
def test_detail_and_delete_with_the_verb_in_the_path_and_without() -> None:
    alice = make_user()
    first, second = ring(alice, "une"), ring(alice, "deux")
    client = client_of(alice)
    detail = client.get(f"{MENTORING}{first}/").json()
    assert detail.keys() == KEYS and detail["title"] == "une"
    assert client.delete(f"{MENTORING}{first}/delete/").json() == {"unread_count": 1}
    assert client.delete(f"{MENTORING}{second}/").json() == {"unread_count": 0}
    assert client.get(f"{MENTORING}{first}/").status_code == 404
    assert not Notification.objects.filter(user=alice).exists()


@covers("001-27")
def test_clear_read_deletes_what_is_read() -> None:
    alice = make_user()
    kept = ring(alice, "une")
    actions.mark_read(alice.pk, [ring(alice, "deux")])
    assert client_of(alice).delete(f"{MENTORING}clear-read/").json() == {"unread_count": 1}
    assert [row.pk for row in Notification.objects.filter(user=alice)] == [kept]


def test_anothers_and_a_missing_one_look_the_same() -> None:
    theirs = ring(make_user(), "la sienne")
    client = client_of(make_user())
    for method, path in [
        ("post", f"{BELL}%s/read/"),
        ("post", f"{BELL}%s/unread/"),
        ("get", f"{MENTORING}%s/"),
        ("delete", f"{MENTORING}%s/"),
        ("post", f"{MENTORING}%s/read/"),
        ("delete", f"{MENTORING}%s/delete/"),
    ]:
        answers = [
            getattr(client, method)(path % id, headers={"X-Request-ID": "same-for-both"})
            for id in (theirs, "ffffffffffff", "%00", "x" * 200)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0]["Content-Type"] == "application/problem+json"
    assert Notification.objects.get(pk=theirs).is_read is False


@pytest.mark.parametrize("query", [{"unread_only": "perhaps"}, {"type": "x" * 201}, {"limit": "101"}, {"cursor": "?"}])
def test_a_bad_filter_is_named(query: dict[str, str]) -> None:
    answer = client_of(make_user()).get(MENTORING, query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(query)))


@pytest.mark.parametrize("url", [BELL, MENTORING, f"{BELL}unread-count/", f"{MENTORING}unread-count/"])
def test_nobody_in_particular_sees_nothing(url: str) -> None:
    answer = APIClient().get(url)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_key_counts_over_every_door() -> None:
    alice = make_user()
    id = ring(alice, "une")
    client = client_of(alice)
    key = {"Idempotency-Key": "once"}
    client.post(f"/api/v1/notifications/{id}/read/", headers=key)
    client.post(f"{BELL}{id}/unread/")
    again = client.post(f"{MENTORING}{id}/read/", headers=key)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json()["unread_count"] == 0
    assert counters(alice)[0] == 1, "the repeat did nothing"
    clash = client.post(f"{MENTORING}{ring(alice, 'deux')}/read/", headers=key)
    assert (clash.status_code, clash.json()["code"]) == (422, "idempotency_mismatch")


def test_the_page_of_the_demo_stays_where_it_is() -> None:
    assert APIClient().get("/notifications").status_code in (200, 503)
