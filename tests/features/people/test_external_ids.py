"""People by the ids of a service: made once, changed as far as the service may, and nobody taken over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection

from carillon.people.actions import Wishes, put_person
from carillon.people.models import ExternalId
from tests.features.notifications.inbox import events_of
from tests.support.people import make_user
from tests.support.services import Service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PEOPLE = "/api/v1/people/"


@pytest.fixture(autouse=True)
def _no_limits_yet() -> None:
    cache.clear()


@pytest.fixture
def billing() -> Service:
    return Service("people:read", "people:write")


def put(service: Service, external_id: str, **body: Any) -> Any:
    return service.send("put", f"{PEOPLE}{external_id}/", body)


def user_of(external_id: str, namespace: str = "billing") -> Any:
    return ExternalId.objects.select_related("user").get(namespace=namespace, external_id=external_id).user


def test_a_person_is_made_read_changed_and_unmapped(billing: Service) -> None:
    wanted = {"name": "Ada Lovelace", "email": "ada@example.org", "role": "mentor", "language": "en"}
    made = put(billing, "42", **wanted, time_zone="Europe/London")
    assert made.status_code == 201
    user = user_of("42")
    assert made.json() == {
        "external_id": "42",
        "person": {
            "id": str(user.pk),
            "name": "Ada Lovelace",
            "role": "mentor",
            "avatar": "",
            "username": "billing-42",
        },
        "username": "billing-42",
        "email": "ada@example.org",
        "language": "en",
        "time_zone": "Europe/London",
    }
    assert not user.has_usable_password() and not user.is_staff
    assert billing.get(f"{PEOPLE}42/").json() == made.json()
    changed = put(billing, "42", username="ada", role="")
    assert changed.status_code == 200
    face = made.json()["person"] | {"role": "", "username": "ada"}
    assert changed.json() == made.json() | {"username": "ada", "person": face}
    assert billing.delete(f"{PEOPLE}42/").status_code == 204
    assert billing.get(f"{PEOPLE}42/").status_code == billing.delete(f"{PEOPLE}42/").status_code == 404
    assert get_user_model().objects.get(pk=user.pk).username == "ada", "the person stays"


def test_what_is_left_out_stays_and_what_stays_is_no_news(billing: Service) -> None:
    put(billing, "42", name="Ada", email="ada@example.org")
    told = len(events_of(user_of("42")))
    again = put(billing, "42", name="Ada", email="ada@example.org")
    assert put(billing, "42").json() == again.json()
    assert len(events_of(user_of("42"))) == told == 1


def test_each_namespace_has_its_own_ids_and_keys_of_one_share_them(billing: Service) -> None:
    put(billing, "42", name="Ada")
    assert Service("people:read").get(f"{PEOPLE}42/").json()["person"]["name"] == "Ada"
    crm = Service("people:read", "people:write", namespace="crm")
    assert crm.get(f"{PEOPLE}42/").status_code == 404
    assert crm.delete(f"{PEOPLE}42/").status_code == 404
    assert put(crm, "42").json()["username"] == "crm-42"
    assert user_of("42") != user_of("42", "crm")


def test_names_are_derived_and_unique(billing: Service) -> None:
    make_user("billing-7")
    names = {key: put(billing, key).json()["username"] for key in ("7", "a b|c", "é", "x" * 200, "ada@example.org")}
    assert names["7"].startswith("billing-7-") and names["a b|c"] == "billing-a-b-c"
    assert names["ada@example.org"] == "billing-ada-example.org" or "@" not in names["ada@example.org"]
    assert len(set(names.values())) == 5 and max(map(len, names.values())) <= 150


def test_somebody_who_is_there_is_mapped_only_on_request(billing: Service) -> None:
    alice = make_user("alice", email="alice@example.org")
    refused = put(billing, "1", username="alice")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert refused.json()["errors"] == [{"field": "username", "message": "taken"}]
    mapped = put(billing, "1", user="alice", role="mentor")
    assert mapped.status_code == 201 and mapped.json()["person"]["id"] == str(alice.pk)
    assert put(billing, "1", user="alice").status_code == 200
    assert put(billing, "1b", user="alice").status_code == 201, "two ids may mean one person"
    make_user("bruno")
    moved = put(billing, "1", user="bruno")
    assert (moved.status_code, moved.json()["code"]) == (409, "conflict")
    unknown = put(billing, "2", user="nobody")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "user")
    assert not ExternalId.objects.filter(external_id="2").exists()


@pytest.mark.parametrize("change", [{"email": "thief@example.org"}, {"username": "thief"}])
def test_who_was_not_made_here_keeps_what_they_sign_in_with(billing: Service, change: dict[str, str]) -> None:
    alice = make_user("alice", email="alice@example.org")
    for body in ({"user": "alice", **change}, {"user": "alice"}, change):
        answer = put(billing, "1", **body)
        assert answer.status_code == (201 if body == {"user": "alice"} else 403), body
    alice.refresh_from_db()
    assert (alice.username, alice.email) == ("alice", "alice@example.org")
    assert put(billing, "1", email="alice@example.org", name="Alice").status_code == 200, (
        "what is so already may be said"
    )


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_staff_are_out_of_reach(billing: Service, power: str) -> None:
    make_user("boss", **{power: True})
    refused = put(billing, "1", user="boss")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    put(billing, "2", name="Ada")
    user = user_of("2")
    setattr(user, power, True)
    user.save()
    for body in ({"email": "thief@example.org"}, {"name": "Thief"}, {"username": "thief"}):
        assert put(billing, "2", **body).status_code == 403
    user.refresh_from_db()
    assert (user.email, user.username) == ("", "billing-2")


@pytest.mark.parametrize(
    "body",
    [
        {"is_staff": True},
        {"is_superuser": True},
        {"password": "x"},
        {"id": 1},
        {"user": ""},
        {"name": "x" * 151},
        {"name": "a\0b"},
        {"name": None},
        {"email": "not an address"},
        {"username": "white space"},
        {"username": "x" * 151},
        {"language": "xx"},
        {"time_zone": "Mars/Olympus"},
        ["a list"],
    ],
)
def test_bodies_that_make_no_sense_make_nobody(billing: Service, body: Any) -> None:
    before = get_user_model().objects.count()
    answer = billing.send("put", f"{PEOPLE}42/", body)
    assert answer.status_code == 400, answer.json()
    assert get_user_model().objects.count() == before and not ExternalId.objects.exists()


@pytest.mark.parametrize("external_id", ["%00", "%0A", "%20x", "x%20", "..%00", "x" * 201, "%E2%80%AE"])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_ids_that_cannot_be(billing: Service, external_id: str, method: str) -> None:
    answer = billing.send(method, f"{PEOPLE}{external_id}/", {} if method == "put" else None)
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "external_id"


@pytest.mark.parametrize(
    "external_id", ["auth0%7C5f7c", "a%25b", "ada@example.org", "CN=Ada,OU=x", "名前", "a.b-c_d+e"]
)
def test_ids_of_other_systems_are_taken_as_they_are(billing: Service, external_id: str) -> None:
    made = put(billing, external_id)
    assert made.status_code == 201
    assert put(billing, external_id).json() == made.json()
    assert billing.get(f"{PEOPLE}{external_id}/").json() == made.json()


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(count)

    def carry_out() -> Any:
        try:
            start.wait(20)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [done.result(60) for done in [pool.submit(carry_out) for _ in range(count)]]


@pytest.mark.parametrize("username", [None, "ada"])
def test_of_two_calls_at_once_one_makes_the_person(username: str | None) -> None:
    for number in range(5):
        name = f"{username}{number}" if username else None
        wishes = Wishes(username=name, profile={"display_name": "Ada"})
        done = at_once(4, lambda key=f"k{number}", wishes=wishes: put_person("billing", key, wishes))  # type: ignore[misc]
        assert len({user.pk for user, _ in done}) == 1
        assert sum(is_new for _, is_new in done) == 1
    assert get_user_model().objects.count() == ExternalId.objects.count() == 5
