"""The demonstration: its people and their notifications are made once; whoever is signed in may ring anybody."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from carillon.notifications.models import Notification
from carillon.people import tokens
from carillon.people.queries import person_of
from carillon.server.demo.people import PEOPLE, SIGN_IN
from carillon.server.demo.seed import seed
from carillon.server.demo.stories import STORIES

pytestmark = pytest.mark.django_db(transaction=True)


def user(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def signed_in(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.open_session(user(name)).access}"}


def test_people_and_what_they_were_told_are_made_once() -> None:
    assert seed() == len(PEOPLE)
    before = list(Notification.objects.order_by("pk").values())
    assert seed() == 0
    assert list(Notification.objects.order_by("pk").values()) == before
    assert [name for name in SIGN_IN if not user(name).check_password(name)] == []
    assert not user("awa").has_usable_password()
    assert user("admin").is_superuser and not user("alice").is_staff
    assert person_of(user("alice")).name == "Alice Fontaine"


def test_every_story_has_its_actor_and_reads_as_a_sentence() -> None:
    names = {person.username: person.name for person in PEOPLE}
    for stories in STORIES.values():
        assert [story.ago for story in stories] == sorted((story.ago for story in stories), reverse=True)
        for story in stories:
            assert not story.actor or story.actor in names
            assert "'" not in story.title + story.message


def test_alice_finds_an_inbox_as_if_she_had_been_here() -> None:
    seed()
    client = Client()
    page = client.get("/api/v1/notifications/", headers=signed_in("alice")).json()
    assert len(page["results"]) == len(STORIES["alice"])
    assert page["inbox"]["unread"] == sum(not story.is_read for story in STORIES["alice"])
    assert page["results"][0]["title"] == STORIES["alice"][-1].title
    moments = [item["created_at"] for item in page["results"]]
    assert moments == sorted(moments, reverse=True)


def test_who_may_sign_in_is_public() -> None:
    accounts = Client().get("/api/v1/demo/accounts/").json()
    assert [account["username"] for account in accounts] == list(SIGN_IN)
    assert accounts[0] == {
        "username": "alice",
        "name": "Alice Fontaine",
        "role": "Mentorée",
        "about": "Mentorée, membre de deux projets",
    }


def test_ringing_makes_a_notification() -> None:
    seed()
    client = Client()
    body = {"username": "bruno", "title": "Alice Fontaine vous attend", "message": "Salle 2", "actor": "alice"}
    assert client.post("/api/v1/demo/ring/", body, "application/json").status_code == 401
    answer = client.post("/api/v1/demo/ring/", body, "application/json", headers=signed_in("alice"))
    assert answer.status_code == 201
    row = Notification.objects.get(pk=answer.json()["id"])
    assert (row.user, row.actor, row.title, row.type) == (user("bruno"), user("alice"), body["title"], "message")


@pytest.mark.parametrize(
    ("change", "status"),
    [({"username": "nobody"}, 404), ({"actor": "nobody"}, 404), ({"title": ""}, 400), ({"url": "javascript:x"}, 400)],
)
def test_ringing_nobody_or_with_nothing_to_say_is_refused(change: dict[str, str], status: int) -> None:
    seed()
    body = {"username": "bruno", "title": "x", **change}
    answer = Client().post("/api/v1/demo/ring/", body, "application/json", headers=signed_in("alice"))
    assert answer.status_code == status


def test_the_command_says_where_to_go() -> None:
    out = StringIO()
    call_command("demo", stdout=out)
    assert "http://127.0.0.1:" in out.getvalue() and "alice, bruno, admin" in out.getvalue()


def test_notify_from_a_shell() -> None:
    seed()
    call_command("notify", "alice", "Bonjour", stdout=StringIO())
    assert Notification.objects.filter(user=user("alice"), title="Bonjour").count() == 1
