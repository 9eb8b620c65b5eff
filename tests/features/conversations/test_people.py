"""REST of people: whom somebody finds, by the host's rule, and whom they block."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.test import override_settings

from carillon.conversations import actions
from carillon.conversations.models import Block
from tests.features.conversations.rest import PEOPLE, URL, Rest, refused_field
from tests.features.conversations.talk import pair
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def only_colleagues(user: Any, people: QuerySet[Any]) -> QuerySet[Any]:
    """A host's rule."""
    return people.filter(last_name="Martin")


def by_town(people: QuerySet[Any], text: str) -> QuerySet[Any]:
    """A host's names: of each user there are two rows of it, and somebody who was not asked for."""
    towns = Q(carillon_profile__role__icontains=text) | Q(groups__name__icontains=text)
    return people.model._default_manager.filter(towns)


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

    def test_a_host_says_whom_a_text_means(self) -> None:
        alice, bruno, talk = pair()
        chloe, zoe = make_user("chloe", last_name="Lille"), make_user("zoe", is_active=False)
        groups = [Group.objects.create(name=f"Lyon {number}") for number in range(2)]
        for user in (alice, bruno, zoe):
            user.groups.set(groups)
        with override_settings(CARILLON={"FIND_PEOPLE": f"{__name__}.by_town"}):
            assert self.names(alice, q="lyon") == ["bruno"] and self.names(alice, q="Lille") == []
            assert self.names(alice) == ["bruno", "chloe"]
            lines = Rest(alice).json(URL, q="lyon")["results"]
            assert [line["conversation"]["id"] for line in lines] == [talk.pk]
        assert self.names(alice, q="lille") == [chloe.username]

    def test_pages_of_those_whom_one_blocks_begin_with_the_latest(self) -> None:
        alice, others = make_user(), make_users(5)
        for user in others:
            actions.block(alice, user)
        # Two at one moment have an order, too.
        Block.objects.filter(person__in=others[1:3]).update(created_at=Block.objects.get(person=others[2]).created_at)
        client, seen, query = Rest(alice), [], {"limit": "2"}
        while True:
            page = client.json("/api/v1/blocks/", **query)
            seen += [person["id"] for person in page["results"]]
            if page["next"] is None:
                break
            if len(seen) == 2:
                # Neither a new one nor one that is taken back disturbs what follows.
                actions.block(alice, make_user())
                actions.unblock(alice, others[3])
            query = {"limit": "2", "cursor": page["next"]}
        ids = [str(user.pk) for user in others]
        assert seen[:2] == [ids[4], ids[3]] and set(seen[2:4]) == {ids[1], ids[2]} and seen[4:] == [ids[0]]
        for wrong in ({"cursor": "nonsense"}, {"limit": "0"}):
            assert refused_field(client.get("/api/v1/blocks/", wrong)) == (400, [*wrong])

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
