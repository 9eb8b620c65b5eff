"""Accounts that are deleted: who is left is told, counts are right, and what was said stays."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.signals import pre_delete
from django.utils import timezone

from carillon.conversations import actions
from carillon.conversations.models import Conversation, Membership, ReadMark
from carillon.errors import NotAllowed, NotFound
from carillon.people.accounts import before_deletion
from tests.contracts.facts import await_a_waiter, in_threads
from tests.features.conversations.client import reduce_detail, reduce_list
from tests.features.conversations.rest import URL, Rest
from tests.features.conversations.talk import direct_of, events_in, events_on, follow_up, group_of, pair, told
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def customers() -> Iterator[type[User]]:
    """A proxy, which a host's admin may delete people as; nothing of it is left behind."""

    class Customer(User):
        class Meta:
            app_label = "auth"
            proxy = True

    before_deletion(actions.depart, "carillon.conversations")
    yield Customer
    pre_delete.disconnect(sender=Customer, dispatch_uid="carillon.conversations")
    del apps.all_models["auth"]["customer"]
    apps.clear_cache()


def counts(conversation: Conversation) -> tuple[int, int]:
    """The members that a conversation counts, and those who are in it."""
    conversation.refresh_from_db()
    present = Membership.objects.filter(conversation=conversation, left_at__isnull=True).count()
    return conversation.member_count, present


def test_who_is_left_in_a_group_is_told_and_counted() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group, key = group_of(alice, bruno, chloe), str(bruno.pk)
    actions.send_message(bruno, group.pk, "Still there")
    follow_up()
    said = events_in(group, "message.sent")
    bruno.delete()
    assert counts(group) == (2, 2)
    [left] = events_in(group, "member.left")
    assert (left["people"], left["conversation"]["member_count"]) == ([key], 2)
    assert events_in(group, "message.sent") == said, "the name goes with the account"
    follow_up()
    assert told(chloe, "conversation.touched")[-1]["entry"]["conversation"]["member_count"] == 2
    page = Rest(chloe).json(f"{URL}{group.pk}/messages/")
    assert [(each["content"], each["sender"]) for each in page["results"]][-1] == ("Still there", None)
    assert actions.reconcile() == 0


def test_a_snapshot_and_the_events_that_follow_are_the_next_snapshot() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(bruno, alice, chloe)
    follow_up()
    client, path = Rest(alice), f"{URL}{group.pk}/"
    detail, lines, seen = client.json(path), client.json(URL), len(events_on(f"conversation:{group.pk}"))
    heard = len(events_on(f"user:{alice.pk}"))
    bruno.delete()
    follow_up()
    own = events_on(f"user:{alice.pk}")[heard:]
    touched = [event for event in own if event[1].get("entry", {}).get("conversation", {}).get("id") == group.pk]
    events = [*events_on(f"conversation:{group.pk}")[seen:], *touched]
    held, found = reduce_detail(detail, str(alice.pk), events), client.json(path)
    assert held["conversation"].pop("version") <= found["conversation"].pop("version")
    assert {**held, "position": found["position"]} == found
    assert reduce_list(lines, own)["results"] == client.json(URL)["results"]


def test_the_name_goes_off_quotes_and_lines_too() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno)
    said = actions.send_message(bruno, group.pk, "Who comes?").message
    actions.send_message(alice, group.pk, "I do", reply_to=said.id)
    actions.set_role(alice, group.pk, bruno, "admin")
    actions.add_members(bruno, group.pk, [chloe])
    actions.leave(bruno, group.pk)
    before = Rest(chloe).json(f"{URL}{group.pk}/")["members"]
    path = f"{URL}{group.pk}/messages/"
    names = {bruno.username, bruno.get_full_name()} - {""}
    assert any(name in str(Rest(alice).json(path)) for name in names)
    bruno.delete()
    page = Rest(alice).json(path)["results"]
    assert not any(name in str(page) for name in names)
    assert [each["reply_to"] and each["reply_to"]["sender"] for each in page if each["content"] == "I do"] == [None]
    lines = [
        (each["system"]["type"], each["system"]["actor"], each["system"]["people"]) for each in page if each["system"]
    ]
    nobody = {"id": "", "name": "", "role": "", "avatar": "", "username": ""}
    (_, _, added), (*_, adder, brought), (*_, left) = lines
    assert added == [nobody]
    assert adder is None and [person["id"] for person in brought] == [str(chloe.pk)]
    assert left == [nobody]
    assert Rest(chloe).json(f"{URL}{group.pk}/")["members"] == before


def test_the_name_goes_off_a_quote_that_is_written_at_that_moment_also_where_they_had_left() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    said = actions.send_message(bruno, group.pk, "Who comes?").message
    actions.leave(bruno, group.pk)
    names = {bruno.username, bruno.get_full_name()} - {""}
    is_quoted = threading.Event()

    def quote() -> None:
        with transaction.atomic():
            actions.send_message(alice, group.pk, "I do", reply_to=said.id)
            is_quoted.set()
            if connection.vendor == "postgresql":
                await_a_waiter()

    def delete() -> None:
        assert is_quoted.wait(10)
        bruno.delete()

    in_threads(quote, delete)
    page = Rest(alice).json(f"{URL}{group.pk}/messages/")["results"]
    assert [each["reply_to"]["sender"] for each in page if each["content"] == "I do"] == [None]
    assert not any(name in str(page) for name in names)


def test_a_direct_conversation_stays_readable_for_the_other() -> None:
    alice, bruno, talk = pair()
    key = bruno.pk
    actions.send_message(bruno, talk.pk, "Goodbye")
    actions.send_message(alice, talk.pk, "Goodbye yourself")
    bruno.delete()
    client = Rest(alice)
    detail = client.json(f"{URL}{talk.pk}/")
    assert [each["person"]["id"] for each in detail["members"]] == [str(alice.pk)]
    assert detail["conversation"]["member_count"] == 1
    page = client.json(f"{URL}{talk.pk}/messages/")
    senders = [(each["content"], each["sender"] and each["sender"]["username"]) for each in page["results"]]
    assert senders == [("Goodbye", None), ("Goodbye yourself", "alice")]
    [entry] = client.json(URL)["results"]
    assert entry["people"] == [] and entry["last_message"]["content"] == "Goodbye yourself"
    assert client.write(f"{URL}{talk.pk}/read/", {}).status_code == 200
    with pytest.raises(NotAllowed):
        actions.send_message(alice, talk.pk, "Are you there?")
    with pytest.raises(NotFound):
        actions.open_direct(alice, key)
    # Whoever gets the same key later is somebody else.
    again = make_user("another", pk=key)
    assert direct_of(alice, again).pk != talk.pk
    assert Rest(again).get(f"{URL}{talk.pk}/").status_code == 404


def test_a_group_whose_last_owner_is_deleted_has_another() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno, chloe)
    actions.set_role(alice, group.pk, chloe, "admin")
    alice.delete()
    assert Membership.objects.get(conversation=group, role="owner").user_id == chloe.pk
    assert events_in(group, "member.changed")[-1]["member"]["role"] == "owner"


def test_many_are_deleted_at_once_also_as_a_model_of_the_hosts(customers: type[User]) -> None:
    alice, *others = make_users(5)
    group, small = group_of(alice, *others), group_of(others[0], alice)
    keys = [user.pk for user in others[:3]]
    customers.objects.filter(pk__in=keys[:2]).delete()
    User.objects.filter(pk=keys[2]).delete()
    assert (counts(group), counts(small)) == ((2, 2), (1, 1))
    assert [each["people"] for each in events_in(group, "member.left")] == [[str(key)] for key in keys]


def test_a_deletion_that_is_taken_back_changes_nothing() -> None:
    alice, bruno, talk = pair()
    with pytest.raises(RuntimeError), transaction.atomic():
        bruno.delete()
        raise RuntimeError
    assert counts(talk) == (2, 2) and events_in(talk, "member.left") == []
    assert User.objects.filter(username="bruno").exists()
    actions.send_message(alice, talk.pk, "x")


def test_who_had_left_before_is_not_told_of_again() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.leave(bruno, group.pk)
    bruno.delete()
    assert counts(group) == (1, 1) and len(events_in(group, "member.left")) == 1


def test_rows_that_are_deleted_behind_our_back_are_counted_by_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    alice, bruno, talk = pair()
    group = group_of(alice, bruno)
    follow_up()
    rows = Membership.objects.filter(user=alice, conversation=group) | Membership.objects.filter(
        user=bruno, conversation=talk
    )
    ReadMark.objects.filter(membership__in=rows)._raw_delete("default")
    rows._raw_delete("default")
    assert actions.reconcile() == 2
    assert counts(group) == counts(talk) == (1, 1)
    assert "counted 2 members, corrected to 1" in caplog.text
    assert Membership.objects.get(conversation=group).role == "owner"
    assert events_in(group, "conversation.updated")[-1]["conversation"]["member_count"] == 1
    follow_up()
    assert told(alice, "conversation.touched")[-1]["entry"]["conversation"]["member_count"] == 1
    assert actions.reconcile() == 0
    assert direct_of(alice, bruno).pk != talk.pk


def test_each_conversation_has_its_minute() -> None:
    _, _, talk = pair()
    Conversation.objects.filter(pk=talk.pk).update(member_count=7)
    minutes = [timezone.now() + dt.timedelta(minutes=number) for number in range(talk.pk + 1)]
    assert sum(actions.reconcile(now, batch=1) for now in minutes) == 1
    assert counts(talk) == (2, 2)
