"""Other back ends notify by REST: with a key, by user names, by their own ids, by role; once for each Idempotency-Key."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from carillon.notifications.actions import expand_fanouts
from carillon.notifications.models import Fanout, Notification
from carillon.people.actions import Wishes, put_person, update_profile
from tests.features.notifications.inbox import counters, events_of
from tests.support.people import make_user
from tests.support.services import Service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

URL = "/api/v1/notifications/"


@pytest.fixture(autouse=True)
def _no_limits_yet() -> None:
    cache.clear()


@pytest.fixture
def billing() -> Service:
    return Service("notifications:send")


def send(service: Client, **body: Any) -> Any:
    return service.post(URL, {"title": "Invoice 7", **body}, content_type="application/json")


def mapped(*external_ids: str, namespace: str = "billing") -> list[Any]:
    return [put_person(namespace, each, Wishes())[0] for each in external_ids]


def notified() -> set[Any]:
    return set(Notification.objects.values_list("user", flat=True))


def test_people_are_named_in_three_ways_and_notified_once(billing: Service) -> None:
    alice, mentor, both = make_user("alice"), make_user(), make_user("both")
    for user in (mentor, both):
        update_profile(user, role="mentor")
    [ada] = mapped("42")
    answer = send(
        billing,
        recipients=["alice", "both"],
        external_ids=["42"],
        audience={"role": "mentor"},
        message="Due on Friday.",
        url="/invoices/7/",
        data={"invoice": 7},
        actor={"external_id": "42"},
    )
    assert answer.status_code == 201, answer.json()
    assert len(answer.json()["ids"]) == 4 and answer.json()["fanout_id"] is None
    assert notified() == {alice.pk, mentor.pk, both.pk, ada.pk}
    [(name, data)] = events_of(alice)
    assert name == "notification.created"
    told = data["notification"]
    assert (told["title"], told["url"], told["data"]) == ("Invoice 7", "/invoices/7/", {"invoice": 7})
    assert told["actor"]["id"] == str(ada.pk)
    assert counters(ada) == (1, 1)


def test_everyone_is_an_audience_and_many_are_a_fanout(billing: Service) -> None:
    people = [make_user() for _ in range(25)]
    make_user(is_active=False)
    answer = send(billing, audience={"everyone": True})
    assert answer.json()["ids"] == [] and answer.json()["fanout_id"] == str(Fanout.objects.get().pk)
    while expand_fanouts():
        pass
    assert notified() == {user.pk for user in people}


def test_a_role_that_nobody_has_is_nobody_and_no_mistake(billing: Service) -> None:
    assert send(billing, audience={"role": "astronaut"}).json() == {"ids": [], "fanout_id": None}


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("recipients", {}),
        ("recipients", {"recipients": []}),
        ("recipients", {"recipients": ["alice", "nobody"], "external_ids": ["42"]}),
        ("external_ids", {"recipients": ["alice"], "external_ids": ["42", "no-such"]}),
        ("external_ids", {"external_ids": ["of-crm"]}),
        ("external_ids", {"external_ids": ["x" * 201]}),
        ("external_ids", {"external_ids": "42"}),
        ("audience", {"audience": {}}),
        ("audience", {"audience": {"role": "mentor", "everyone": True}}),
        ("audience", {"audience": {"everyone": False}}),
        ("audience", {"audience": {"role": ""}}),
        ("audience", {"audience": {"name": "staff_only"}}),
        ("actor", {"recipients": ["alice"], "actor": {}}),
        ("actor", {"recipients": ["alice"], "actor": {"username": "nobody"}}),
        ("actor", {"recipients": ["alice"], "actor": {"external_id": "no-such"}}),
        ("actor", {"recipients": ["alice"], "actor": {"external_id": "42", "username": "alice"}}),
        ("actor", {"recipients": ["alice"], "actor": "alice"}),
        ("url", {"recipients": ["alice"], "url": "javascript:alert(1)"}),
        ("title", {"recipients": ["alice"], "title": ""}),
        ("data", {"recipients": ["alice"], "data": {"x": "y" * 40_000}}),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_notified(billing: Service, field: str, body: dict[str, Any]) -> None:
    make_user("alice")
    mapped("42")
    mapped("of-crm", namespace="crm")
    answer = send(billing, **body)
    assert answer.status_code == 400, answer.json()
    assert answer.json()["errors"][0]["field"].startswith(field), answer.json()
    assert not Notification.objects.exists()


def test_every_unknown_id_is_named(billing: Service) -> None:
    mapped("42")
    problem = send(billing, external_ids=["41", "42", "43"]).json()
    assert problem["errors"] == [{"field": "external_ids", "message": "unknown: 41, 43"}]


def test_ids_of_two_namespaces_do_not_meet(billing: Service) -> None:
    [ours], [theirs] = mapped("42"), mapped("42", namespace="crm")
    send(billing, external_ids=["42"])
    assert notified() == {ours.pk}
    send(Service("notifications:send", namespace="crm"), external_ids=["42"])
    assert notified() == {ours.pk, theirs.pk}


def test_an_idempotency_key_counts_for_one_service_key(billing: Service) -> None:
    make_user("alice")
    once = {"Idempotency-Key": "invoice-7"}
    body = {"title": "Invoice 7", "recipients": ["alice"]}
    first = billing.send("post", URL, body, **once)
    again = billing.send("post", URL, body, **once)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    other = billing.send("post", URL, body | {"title": "Another"}, **once)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert Notification.objects.count() == 1
    Service("notifications:send").send("post", URL, body, **once)
    assert Notification.objects.count() == 2, "another key is somebody else"


def test_an_unknown_id_is_no_answer_to_keep(billing: Service) -> None:
    once = {"Idempotency-Key": "invoice-8"}
    body = {"title": "Invoice 8", "external_ids": ["late"]}
    assert billing.send("post", URL, body, **once).status_code == 400
    mapped("late")
    assert billing.send("post", URL, body, **once).status_code == 201


def test_who_may_send() -> None:
    make_user("alice")
    person, staff = Client(), Client()
    person.force_login(make_user())
    staff.force_login(make_user(is_staff=True))
    answers = {
        "anonymous": send(Client(), recipients=["alice"]),
        "person": send(person, recipients=["alice"]),
        "staff": send(staff, recipients=["alice"]),
        "key": send(Service("notifications:send"), recipients=["alice"]),
        "key without the scope": send(Service("people:read", "people:write"), recipients=["alice"]),
    }
    told = {who: (answer.status_code, answer.json().get("code")) for who, answer in answers.items()}
    assert told == {
        "anonymous": (401, "unauthenticated"),
        "person": (403, "forbidden"),
        "staff": (201, None),
        "key": (201, None),
        "key without the scope": (403, "forbidden"),
    }
    assert answers["anonymous"]["WWW-Authenticate"] == 'Api-Key realm="api", Bearer realm="api"'
    mapped("42")
    refused = send(staff, external_ids=["42"])
    assert refused.json()["errors"] == [{"field": "external_ids", "message": "external ids are those of a service key"}]


def test_a_key_that_came_with_somebodys_cookie_is_the_key_and_not_somebody(billing: Service) -> None:
    alice = make_user("alice", is_staff=True)
    billing.force_login(alice)
    assert send(Service("people:read"), recipients=["alice"]).status_code == 403
    assert send(billing, recipients=["alice"]).status_code == 201
    stranger = Service("people:read")
    stranger.force_login(alice)
    assert send(stranger, recipients=["alice"]).status_code == 403, "the key decides, not the cookie beside it"


def test_beyond_its_rate_a_key_is_told_when_to_come_again_and_staff_are_not_counted() -> None:
    make_user("alice")
    service = Service("notifications:send", rate_per_minute=2)
    answers = [send(service, recipients=["alice"]) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json()["retry_after"] > 0 and int(answers[-1]["Retry-After"]) >= 1
    staff = Client()
    staff.force_login(make_user(is_staff=True))
    assert {send(staff, recipients=["alice"]).status_code for _ in range(5)} == {201}
