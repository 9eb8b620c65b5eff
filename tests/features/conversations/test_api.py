"""REST of conversations: lists and histories by pages, writes that happen once over both doors, refusals by field."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from carillon.conversations import actions
from carillon.conversations.models import Conversation, Membership, Message
from carillon.realtime import log
from carillon.realtime.topic import Topic, user_topic
from carillon.testing import Refused, connect
from tests.features.conversations.rest import PEOPLE, URL, Rest, refused_field
from tests.features.conversations.talk import follow_up, group_of, pair
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def nobodys_groups(count: int, user: Any) -> list[Conversation]:
    """Groups of this person in which nothing was said."""
    return [group_of(user, title=f"Groupe {number}") for number in range(count)]


@covers("004-47")
def test_the_list_has_the_position_from_which_events_go_on() -> None:
    alice, bruno, talk = pair()
    actions.send_message(bruno, talk.pk, "Salut")
    follow_up()
    page = Rest(alice).json(URL)
    [entry] = page["results"]
    assert (entry["conversation"]["kind"], entry["conversation"]["member_count"]) == ("direct", 2)
    assert [person["username"] for person in entry["people"]] == ["bruno"]
    assert (entry["last_message"]["content"], entry["mine"]["unread"]) == ("Salut", 1)
    assert page["position"]["offset"] == log.head(user_topic(alice.pk)).offset > 0
    assert Rest(make_user()).json(URL)["results"] == []


def test_the_first_page_tells_what_counts_for_the_badge_in_the_whole_list() -> None:
    alice, bruno, _ = pair()
    said, read, muted, ended, named, left = (group_of(alice, bruno, title=f"Groupe {number}").pk for number in range(6))
    for key in (said, said, read, muted, ended, left):
        actions.send_message(bruno, key, "Salut")
    actions.send_message(bruno, named, "@Alice Fontaine ?")
    actions.mark_read(alice, read)
    actions.mute(alice, muted, timezone.now() + dt.timedelta(hours=1))
    actions.mute(alice, named, timezone.now() + dt.timedelta(hours=1))
    actions.mute(alice, ended, timezone.now() + dt.timedelta(hours=1))
    Membership.objects.filter(user=alice, conversation=ended).update(muted_until=timezone.now())
    actions.leave(alice, left)
    late = group_of(bruno, title="Avant").pk
    actions.send_message(bruno, late, "Sans elle")
    actions.add_members(bruno, late, [alice])
    follow_up()

    client = Rest(alice)
    page = client.json(URL, limit=1)
    entries = client.json(URL)["results"]
    unread = {entry["conversation"]["id"]: entry["mine"]["unread"] for entry in entries}
    counted = {each["conversation"]: each["unread"] for each in page["unread"]}
    assert counted == {key: unread[key] for key in (said, ended, named, late)}
    assert client.json(URL, cursor=page["next"])["unread"] is None
    assert client.json(URL, q="groupe")["unread"] is None


def test_pages_of_the_list_hold_every_line_once_also_where_activity_is_equal() -> None:
    alice = make_user()
    made = nobodys_groups(7, alice)
    Conversation.objects.filter(pk__in=[each.pk for each in made[1:5]]).update(activity=1_000)
    client, seen, cursor = Rest(alice), [], ""
    while True:
        page = client.json(URL, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [(entry["activity"], entry["conversation"]["id"]) for entry in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 7


def test_the_list_is_searched_by_title_and_by_who_is_in_it() -> None:
    alice, bruno, talk = pair()
    chloe = make_user("chloe", first_name="Chloé", last_name="Martin")
    lilas = group_of(alice, chloe, title="Rue des Lilas")
    former = group_of(alice, bruno, title="Ancien")
    actions.leave(bruno, former.pk)

    def found(q: str) -> set[int]:
        return {entry["conversation"]["id"] for entry in Rest(alice).json(URL, q=q)["results"]}

    assert found("lilas") == {lilas.pk} == found("chloé martin") == found("chloe")
    assert found("KOUASSI") == {talk.pk}, "who has left is not found any more"
    assert found("alice") == set(), "not by oneself, who is in all of them"
    assert found("%") == found("nobody") == set()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {"limit": "0"}),
        ("", {"limit": "101"}),
        ("", {"cursor": "zz"}),
        ("", {"cursor": "1-1; DROP"}),
        ("", {"q": "\0"}),
        ("", {"q": "x" * 101}),
        ("messages", {"before": "-1"}),
        ("messages", {"after": "x"}),
        ("messages", {"around": str(2**53)}),
        ("messages", {"around": "\u0663"}),
        ("messages", {"limit": "many"}),
        ("people", {"cursor": "é"}),
        ("people", {"cursor": "AAAA"}),
        ("people", {"q": "\0"}),
        ("people", {"limit": "0"}),
    ],
)
def test_a_bad_query_is_told_by_field(path: str, query: dict[str, str]) -> None:
    alice, _, talk = pair()
    address = {"": URL, "messages": f"{URL}{talk.pk}/messages/", "people": PEOPLE}[path]
    assert refused_field(Rest(alice).get(address, query)) == (400, list(query))


def test_two_sides_of_a_history_are_not_asked_for_at_once() -> None:
    alice, _, talk = pair()
    answer = Rest(alice).get(f"{URL}{talk.pk}/messages/", {"before": "3", "around": "2"})
    assert refused_field(answer) == (400, ["around"])


class TestHistory:
    """Ten messages, of which a late member sees the last five."""

    @pytest.fixture(autouse=True)
    def talk(self, db: Any) -> None:
        self.alice, self.late = make_user(), make_user()
        self.group = group_of(self.alice, make_user())
        for number in range(2, 6):
            actions.send_message(self.alice, self.group.pk, str(number))
        actions.add_members(self.alice, self.group.pk, [self.late])
        for number in range(7, 11):
            actions.send_message(self.alice, self.group.pk, str(number))

    def window(self, user: Any = None, **query: Any) -> tuple[list[int], bool, bool]:
        page = Rest(user or self.alice).json(f"{URL}{self.group.pk}/messages/", **query)
        return [message["seq"] for message in page["results"]], page["has_before"], page["has_after"]

    def test_it_is_read_from_its_end_and_from_anywhere(self) -> None:
        assert self.window(limit=3) == ([8, 9, 10], True, False)
        assert self.window() == (list(range(1, 11)), False, False)
        assert self.window(before=8, limit=3) == ([5, 6, 7], True, True)
        assert self.window(before=3, limit=3) == ([1, 2], False, True)
        assert self.window(before=1) == ([], False, True)
        assert self.window(before=99, limit=3) == ([8, 9, 10], True, False)
        assert self.window(after=7, limit=2) == ([8, 9], True, True)
        assert self.window(after=8, limit=2) == ([9, 10], True, False)
        assert self.window(after=0, limit=2) == ([1, 2], False, True)
        assert self.window(after=10) == ([], True, False)

    def test_a_jump_shows_both_sides(self) -> None:
        assert self.window(around=5, limit=4) == ([3, 4, 5, 6], True, True)
        assert self.window(around=1, limit=4) == ([1, 2], False, True)
        assert self.window(around=10, limit=4) == ([8, 9, 10], True, False)
        assert self.window(around=5, limit=1) == ([5], True, True)

    def test_who_came_late_sees_nothing_of_before(self) -> None:
        # The first is the line that says that they came.
        assert self.window(self.late) == ([6, 7, 8, 9, 10], False, False)
        assert self.window(self.late, before=8) == ([6, 7], False, True)
        assert self.window(self.late, before=6) == ([], False, True)
        assert self.window(self.late, around=2, limit=4) == ([6, 7], False, True)
        assert self.window(self.late, after=1, limit=2) == ([6, 7], False, True)
        hidden = Message.objects.get(conversation=self.group, seq=3).pk
        path, client = f"{URL}{self.group.pk}/messages/", Rest(self.late)
        assert client.get(f"{path}{hidden}/").status_code == 404
        assert client.write(f"{path}{hidden}/react/", {"emoji": "👍"}).status_code == 404
        assert refused_field(client.write(path, {"content": "x", "reply_to": hidden})) == (400, ["reply_to"])
        assert client.write(f"{URL}{self.group.pk}/read/", {"message": hidden}).status_code == 404

    def test_a_room_shows_newcomers_what_was_said_before(self) -> None:
        room = group_of(self.alice, kind="room", title="Salle")
        actions.send_message(self.alice, room.pk, "Bienvenue")
        actions.add_members(self.alice, room.pk, [self.late])
        page = Rest(self.late).json(f"{URL}{room.pk}/messages/")
        assert [each["content"] for each in page["results"]][1] == "Bienvenue"

    def test_its_position_is_of_the_conversation(self) -> None:
        page = Rest(self.alice).json(f"{URL}{self.group.pk}/messages/")
        assert page["position"]["offset"] == log.head(Topic("conversation", str(self.group.pk))).offset


@covers("004-42")
def test_through_a_conversation_of_ones_own_nothing_of_another_is_reached() -> None:
    alice, _, talk = pair()
    stranger = make_user()
    own = group_of(stranger)
    foreign = actions.send_message(alice, talk.pk, "secret").message.id
    client = Rest(stranger)
    for method, path, body in [
        ("get", "", None),
        ("patch", "", {"content": "x"}),
        ("delete", "", None),
        ("post", "react/", {"emoji": "👍"}),
    ]:
        answers = [
            client.write(f"{URL}{own.pk}/messages/{message}/{path}", body, method=method)
            if method != "get"
            else client.get(f"{URL}{own.pk}/messages/{message}/")
            for message in (foreign, 10**12, 10**30)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({str({**answer.json(), "request_id": ""}) for answer in answers}) == 1
    assert client.write(f"{URL}{own.pk}/read/", {"message": foreign}).status_code == 404
    reply = client.write(f"{URL}{own.pk}/messages/", {"content": "x", "reply_to": foreign})
    assert refused_field(reply) == (400, ["reply_to"])
    assert refused_field(client.write(f"{URL}{own.pk}/messages/", {"content": "x", "reply_to": 10**12})) == (
        400,
        ["reply_to"],
    )


def test_everything_is_written_over_rest() -> None:
    alice, bruno, chloe = make_user("alice"), make_user("bruno"), make_user("chloe")
    client, other = Rest(alice), Rest(bruno)
    people = [str(bruno.pk)]
    made = client.write(URL, {"kind": "group", "people": people, "title": "Chantier"})
    assert made.status_code == 201
    base = f"{URL}{made.json()['conversation']['id']}/"
    assert client.json(base) == made.json()
    assert [member["role"] for member in made.json()["members"]] == ["owner", "member"]
    sent = client.write(f"{base}messages/", {"content": "Bonjour"})
    assert (sent.status_code, sent.json()["message"]["seq"]) == (201, 2)
    message = f"{base}messages/{sent.json()['message']['id']}/"
    assert other.write(f"{message}react/", {"emoji": "👍"}).json()["message"]["reactions"][0]["count"] == 1
    assert other.write(message, {"content": "x"}, method="patch").status_code == 403
    assert client.write(message, {"content": "Bonsoir"}, method="patch").json()["message"]["content"] == "Bonsoir"
    assert client.json(message)["edited_at"] is not None
    assert other.write(f"{base}read/", {"up_to": 2}).json()["mine"]["unread"] == 0
    assert other.write(f"{base}read/", {}).json()["position"] is None, "the same again"
    later = (timezone.now() + dt.timedelta(hours=1)).isoformat()
    assert other.write(f"{base}mute/", {"until": later}).status_code == 200
    assert other.json(base)["mine"]["muted_until"] is not None
    assert client.write(base, {"title": " "}, method="patch").status_code == 400
    assert client.write(base, {"title": "Chantier B", "picture": "/b.png"}, method="patch").status_code == 200
    assert client.json(base)["conversation"]["title"] == "Chantier B"
    assert client.write(f"{base}members/", {"people": [str(chloe.pk)]}).status_code == 200
    assert client.write(f"{base}members/{chloe.pk}/", {"role": "admin"}, method="patch").status_code == 200
    assert [member["role"] for member in client.json(base)["members"]] == ["owner", "member", "admin"]
    assert client.delete(f"{base}members/{bruno.pk}/").status_code == 200
    assert other.get(base).status_code == 404
    assert client.delete(message).json()["message"]["content"] == ""
    gone = client.write(message, {"content": "Again"}, method="patch")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert client.write(f"{base}leave/").status_code == 200
    assert client.get(base).status_code == 404
    assert [member["role"] for member in Rest(chloe).json(base)["members"]] == ["owner"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("messages/", {"content": ""}, "content"),
        ("messages/", {"content": " \n "}, "content"),
        ("messages/", {"content": "x" * 8001}, "content"),
        ("messages/", {"content": "x", "sender": 1}, ""),
        ("messages/", {"content": "x", "reply_to": 0}, "reply_to"),
        ("mute/", {"until": "2026-01-01T00:00:00"}, "until"),
        ("mute/", {"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ("mute/", {"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("read/", {"up_to": -1}, "up_to"),
        ("members/", {"people": []}, "people"),
        ("members/", {"people": "2"}, "people"),
    ],
)
def test_a_bad_body_is_told_by_field(path: str, body: dict[str, Any], field: str) -> None:
    alice = make_user()
    group = group_of(alice)
    status, fields = refused_field(Rest(alice).write(f"{URL}{group.pk}/{path}", body))
    assert status == 400 and field in fields
    assert Message.objects.filter(system=None).count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "club", "people": []}, "kind"),
        ({"kind": "group", "people": []}, "title"),
        ({"kind": "group", "people": [], "title": "x" * 121}, "title"),
        ({"kind": "group", "people": [], "title": "x", "picture": "javascript:1"}, "picture"),
        ({"kind": "direct", "people": []}, "people"),
    ],
)
def test_a_conversation_that_cannot_be_is_told_by_field(body: dict[str, Any], field: str) -> None:
    status, fields = refused_field(Rest(make_user()).write(URL, body))
    assert (status, fields) == (400, [field]) and not Conversation.objects.exists()


def test_a_direct_conversation_is_the_same_however_it_is_asked_for() -> None:
    alice, bruno = make_user(), make_user()
    bodies = [{"kind": "direct", "people": [name]} for name in (str(bruno.pk), f"0{bruno.pk}", f" {bruno.pk}")]
    made = {Rest(alice).write(URL, body).json().get("conversation", {}).get("id") for body in bodies}
    made.add(Rest(bruno).write(URL, {"kind": "direct", "people": [str(alice.pk)]}).json()["conversation"]["id"])
    assert len(made) == 1 == Conversation.objects.count()
    for name in (str(alice.pk), f"0{alice.pk}"):
        assert refused_field(Rest(alice).write(URL, {"kind": "direct", "people": [name]})) == (400, ["people"])
    assert Conversation.objects.count() == 1


def test_a_repeated_write_gets_its_first_answer() -> None:
    alice, _, talk = pair()
    client, path = Rest(alice), f"{URL}{talk.pk}/messages/"
    first = client.write(path, {"content": "Bonjour"}, key="k1")
    again = client.write(path, {"content": "Bonjour"}, key="k1")
    assert again.json() == first.json() and again["Idempotency-Replayed"] == "true"
    assert first.json()["message"]["client_id"] == "k1"
    other = client.write(path, {"content": "Bonsoir"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    group = {"kind": "group", "people": [], "title": "Une seule fois"}
    made = [client.write(URL, group, key="k2") for _ in range(2)]
    assert made[0].json() == made[1].json()
    assert Conversation.objects.filter(kind="group").count() == 1
    huge = client.write(f"{URL}{10**40}/read/", {}, key="k3")
    assert huge.status_code == 404
    assert (
        client.write(f"{URL}{talk.pk}/messages/{10**40}/", {"content": "x"}, method="patch", key="k").status_code == 404
    )


async def test_a_key_counts_over_both_doors() -> None:
    alice, _, talk = await sync_to_async(pair)()
    client, path = Rest(alice), f"{URL}{talk.pk}/messages/"
    write = sync_to_async(client.write)
    async with connect(alice) as socket:
        body = {"conversation": talk.pk, "content": "Bonjour"}
        said = await socket.command("message.send", {**body}, client_id="one")
        assert (await write(path, {"content": "Bonjour"}, key="one")).json() == said
        rest = (await write(path, {"content": "Salut"}, key="two")).json()
        assert await socket.command("message.send", {**body, "content": "Salut"}, client_id="two") == rest
        with pytest.raises(Refused, match="idempotency_mismatch"):
            await socket.command("message.send", {**body, "content": "Autre"}, client_id="two")
        group = {"kind": "group", "people": [], "title": "Ensemble"}
        made = await socket.command("conversation.create", group, client_id="three")
        assert (await write(URL, {**group, "picture": "", "about": ""}, key="three")).json() == made
        read = await socket.command("conversation.read", {"conversation": talk.pk}, client_id="four")
        assert (await write(f"{URL}{talk.pk}/read/", {}, key="four")).json() == read
    assert await Message.objects.filter(conversation=talk).acount() == 2
    assert await Conversation.objects.filter(kind="group").acount() == 1
