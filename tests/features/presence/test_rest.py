"""REST of presence: the same answer as that to a watch."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from carillon.presence import stores, visibility
from carillon.presence.models import LastSeen
from carillon.presence.stores.base import Lease
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

URL = "/api/v1/presence/"


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_how_people_are_whom_one_may_see() -> None:
    alice, bruno, chloe = make_user("alice"), make_user("bruno"), make_user("chloe")
    at = timezone.now().replace(microsecond=0)
    LastSeen.objects.record({str(bruno.pk): at})
    stores.current().put([Lease(str(alice.pk), "c1", is_away=True)], 60)
    visibility.register(lambda viewer, people: {str(bruno.pk)}.intersection(people))
    answer = client_of(alice).get(f"{URL}?people={alice.pk},{bruno.pk},{chloe.pk},nobody")
    assert answer.status_code == 200
    people = sorted(answer.json()["people"], key=itemgetter("username"))
    assert people == [
        {"id": str(alice.pk), "state": "away", "last_seen": None, "username": "alice"},
        {"id": str(bruno.pk), "state": "offline", "last_seen": f"{at:%Y-%m-%dT%H:%M:%SZ}", "username": "bruno"},
    ]


def test_of_a_conversation_its_members() -> None:
    alice, bruno = make_user(), make_user()
    both = {str(alice.pk), str(bruno.pk)}
    visibility.register_group("conversation", lambda keys: dict.fromkeys(set(keys) & {"7"}, both))
    found = client_of(alice).get(f"{URL}?conversations=7,8").json()["people"]
    assert {each["id"] for each in found} == both
    assert client_of(make_user()).get(f"{URL}?conversations=7,8").json() == {"people": []}


@pytest.mark.parametrize(
    "query",
    [
        "conversations=x",
        "conversations=1.0",
        "conversations=0",
        "conversations=" + ",".join(["1"] * 21),
        "people=1" + ",1" * 500,
        "people=1,,2",
    ],
)
def test_what_cannot_be_asked_is_refused(query: str) -> None:
    answer = client_of(make_user()).get(f"{URL}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"].startswith(query.partition("=")[0])


def test_nobody_is_asked_who_is_not_signed_in() -> None:
    assert APIClient().get(URL).status_code == 401


def test_a_thousand_people_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    alice, others = make_user(), make_users(400)
    visibility.register(lambda viewer, people: people)
    client = client_of(alice)
    for people in (others[:1], others):
        with django_assert_num_queries(2):
            assert len(
                client.get(f"{URL}?people=" + ",".join(str(user.pk) for user in people)).json()["people"]
            ) == len(people)


def test_last_seen_of_who_does_not_exist_is_not_written() -> None:
    alice, at = make_user(), timezone.now()
    assert LastSeen.objects.record({str(alice.pk): at, "999999": at, "x": at}) == 1
    later = timezone.now()
    assert LastSeen.objects.record({str(alice.pk): later}) == 1
    assert LastSeen.objects.get().at == later
    alice.delete()
    assert not LastSeen.objects.exists()
