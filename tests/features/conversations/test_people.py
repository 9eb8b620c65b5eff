"""REST of people: whom somebody finds, by the host's rule, and whom they block."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import override_settings

from tests.features.conversations.rest import PEOPLE, URL, Rest, refused_field
from tests.features.conversations.talk import pair
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def only_colleagues(user: Any, people: QuerySet[Any]) -> QuerySet[Any]:
    """A host's rule."""
    return people.filter(last_name="Martin")


class TestPeople:
    """Whom somebody finds, and may write to."""

    def names(self, user: Any, **query: Any) -> list[str]:
        return [person["username"] for person in Rest(user).json(PEOPLE, **query)["results"]]

    def test_everybody_is_found_but_oneself_and_who_is_gone(self) -> None:
        alice, _, _ = pair()
        make_user("zoe", is_active=False)
        make_user("chloe", first_name="Chloé", last_name="Martin")
        assert self.names(alice) == ["bruno", "chloe"]
        assert self.names(alice, q="mart chl") == ["chloe"] and self.names(alice, q="x") == []

    def test_pages_go_on_where_the_last_one_ended(self) -> None:
        alice = make_user()
        make_users(7)
        client, seen, query = Rest(alice), [], {"limit": 3}
        while True:
            page = client.json(PEOPLE, **query)
            seen += [person["id"] for person in page["results"]]
            if page["next"] is None:
                break
            query = {"limit": 3, "cursor": page["next"]}
        assert len(seen) == len(set(seen)) == 7

    def test_an_address_that_people_sign_in_with_is_neither_told_nor_found_out(self) -> None:
        alice = make_user()
        for number in range(3):
            make_user(f"p{number}@hidden.example", first_name=f"Person {number}")
        page = Rest(alice).get(PEOPLE, {"limit": "2"})
        assert b"hidden" not in page.content and {each["username"] for each in page.json()["results"]} == {""}
        cursor = page.json()["next"]
        assert "hidden" not in _decoded(cursor)
        assert len(Rest(alice).json(PEOPLE, limit=2, cursor=cursor)["results"]) == 1
        assert self.names(alice, q="hidden") == self.names(alice, q="p1@hidden.exampl") == []
        assert len(self.names(alice, q="person")) == 3
        assert len(self.names(alice, q="P1@hidden.example")) == 1, "who knows the whole address finds its owner"

    def test_a_hosts_rule_says_whom_one_may_write_to(self) -> None:
        alice, bruno = make_user(), make_user("bruno", last_name="Kouassi")
        chloe = make_user("chloe", last_name="Martin")
        with override_settings(CARILLON={"MAY_CONTACT": f"{__name__}.only_colleagues"}):
            assert self.names(alice) == ["chloe"]
            client = Rest(alice)
            for kind in ("direct", "group"):
                bodies = [{"kind": kind, "people": [key], "title": "x"} for key in (str(bruno.pk), str(10**9))]
                answers = [client.write(URL, body) for body in bodies]
                assert [answer.status_code for answer in answers] == [404, 404]
                assert len({str({**answer.json(), "request_id": ""}) for answer in answers}) == 1
            assert client.write(URL, {"kind": "direct", "people": [str(chloe.pk)]}).status_code == 201

    def test_a_block_ends_what_is_direct_and_can_be_taken_back(self) -> None:
        alice, bruno, talk = pair()
        client, path = Rest(alice), f"{PEOPLE}{bruno.pk}/block/"
        assert client.write(path, method="put").json()["position"] is not None
        assert client.write(path, method="put").json()["position"] is None
        assert [person["username"] for person in client.json("/api/v1/blocks/")["results"]] == ["bruno"]
        assert (
            client.json(f"{URL}{talk.pk}/")["mine"]["blocks"]
            and not Rest(bruno).json(f"{URL}{talk.pk}/")["mine"]["blocks"]
        )
        for user in (alice, bruno):
            answer = Rest(user).write(f"{URL}{talk.pk}/messages/", {"content": "x"})
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert self.names(bruno) == [], "who blocks is not found"
        assert refused_field(client.write(f"{PEOPLE}{alice.pk}/block/", method="put")) == (400, ["person"])
        assert client.write(f"{PEOPLE}{10**9}/block/", method="put").status_code == 404
        assert client.delete(path).status_code == 200
        assert client.json("/api/v1/blocks/")["results"] == []
        assert Rest(bruno).write(f"{URL}{talk.pk}/messages/", {"content": "x"}).status_code == 201


def _decoded(cursor: str) -> str:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("utf-8", "replace")
