"""Who is in a conversation, and what they may do there."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction

from carillon.conversations import actions, queries, topics
from carillon.conversations.models import Conversation, Membership, Message
from carillon.errors import Conflict, Invalid, NotAllowed, NotFound
from carillon.notifications.models import Notification
from carillon.realtime import log
from carillon.realtime.identity import Identity, Person
from tests.features.conversations.talk import direct_of, events_in, follow_up, group_of, pair, told
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def identity(user: Any) -> Identity:
    return Identity(person=str(user.pk), face=Person(str(user.pk), "x"), principals=(str(user.pk),))


def visible(user: Any, conversation: Conversation) -> list[str]:
    """The events of a conversation that this person may hear."""
    access = topics.may_follow(identity(user), str(conversation.pk))
    assert access is not None
    return [event.type for event in log.read(topics.topic_of(conversation.pk), access.visible_from, 1000).events]


def test_two_people_have_one_direct_conversation() -> None:
    alice, bruno, talk = pair()
    assert direct_of(bruno, alice).pk == talk.pk
    assert {m.person.name for m in queries.members_of(talk.pk)} == {"Alice Fontaine", "Bruno Kouassi"}
    with pytest.raises(Invalid):
        direct_of(alice, alice)


def test_a_direct_conversation_exists_once_whatever_the_race() -> None:
    alice, bruno = make_user(), make_user()
    found: list[int] = []
    barrier = threading.Barrier(4)

    def open_one(first: Any, second: Any) -> None:
        from django.db import connection

        barrier.wait(10)
        found.append(actions.open_direct(first, second).pk)
        connection.close()

    threads = [threading.Thread(target=open_one, args=pair) for pair in [(alice, bruno), (bruno, alice)] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4 and len(set(found)) == 1
    assert Membership.objects.count() == 2


def test_a_group_begins_with_a_line_that_says_who() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno, title=" Chantier ")
    [line] = events_in(group, "message.sent")
    assert line["message"]["kind"] == "system"
    assert (line["message"]["system"]["type"], line["message"]["system"]["title"]) == ("created", "Chantier")
    follow_up()
    entry = told(bruno, "conversation.touched")[-1]["entry"]
    assert (entry["conversation"]["title"], entry["conversation"]["member_count"]) == ("Chantier", 2)
    assert not Notification.objects.exists()


def test_who_is_brought_in_while_they_leave_was_not_in_it_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.remove_member(alice, group.pk, bruno)
    present_membership = queries.present_membership

    def just_brought_in(user: Any, conversation: int) -> Membership:
        # As if the other transaction ended between the lock, which found nothing to hold, and this look.
        monkeypatch.undo()
        actions.add_members(alice, conversation, [bruno], check=False)
        return present_membership(user, conversation)

    monkeypatch.setattr(queries, "present_membership", just_brought_in)
    with pytest.raises(NotFound):
        actions.leave(bruno, group.pk)


def test_who_comes_into_a_group_sees_what_follows() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "before")
    actions.add_members(alice, group.pk, [str(chloe.pk)])
    actions.send_message(alice, group.pk, "after")
    membership = queries.present_membership(chloe.pk, group.pk)
    window = queries.read_window(membership, queries.WindowRequest())
    assert [row.content for row in window.rows if not row.system] == ["after"]
    assert not window.has_before
    assert visible(chloe, group) == ["member.joined", "message.sent", "message.sent"]
    assert visible(bruno, group)[:2] == ["member.joined", "message.sent"]


def test_who_comes_into_a_room_sees_what_was_said() -> None:
    alice, bruno, _ = pair()
    room = group_of(alice, kind="room")
    actions.send_message(alice, room.pk, "before")
    actions.add_members(alice, room.pk, [bruno])
    window = queries.read_window(queries.present_membership(bruno.pk, room.pk), queries.WindowRequest())
    assert [row.content for row in window.rows if not row.system] == ["before"]


def test_who_is_sent_away_hears_nothing_more_and_nothing_of_the_time_between() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "one")
    actions.remove_member(alice, group.pk, str(bruno.pk))
    assert topics.may_follow(identity(bruno), str(group.pk)) is None
    [left] = events_in(group, "member.left")
    assert left["people"] == [str(bruno.pk)] and left["conversation"]["member_count"] == 1
    assert told(bruno, "conversation.gone") == [{"conversation": group.pk}]
    with pytest.raises(NotFound):
        actions.send_message(bruno, group.pk, "?")
    actions.send_message(alice, group.pk, "between")
    actions.add_members(alice, group.pk, [bruno])
    actions.send_message(alice, group.pk, "again")
    window = queries.read_window(queries.present_membership(bruno.pk, group.pk), queries.WindowRequest())
    assert [row.content for row in window.rows if not row.system] == ["again"]
    assert "message.sent" not in visible(bruno, group)[:1]
    assert visible(bruno, group) == ["member.joined", "message.sent", "message.sent"]


def test_leaving_clears_what_told_of_it() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "one")
    follow_up()
    assert Notification.objects.filter(user=bruno, is_read=False).exists()
    actions.leave(bruno, group.pk)
    assert not Notification.objects.filter(user=bruno, is_read=False).exists()
    follow_up()
    assert Message.objects.filter(conversation=group).order_by("-seq")[0].system["type"] == "member_left"


def test_the_last_owner_leaves_an_heir() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno, chloe)
    actions.set_role(alice, group.pk, chloe, "admin")
    actions.leave(alice, group.pk)
    assert Membership.objects.get(conversation=group, user=chloe).role == "owner"
    actions.leave(chloe, group.pk)
    assert Membership.objects.get(conversation=group, user=bruno).role == "owner"
    actions.leave(bruno, group.pk)
    assert Conversation.objects.get(pk=group.pk).member_count == 0


def test_roles_say_who_may_do_what() -> None:
    alice, bruno, talk = pair()
    chloe, dora = make_user(), make_user()
    group = group_of(alice, bruno, chloe)
    room = group_of(alice, bruno, kind="room")
    for refused in (
        lambda: actions.remove_member(bruno, group.pk, chloe),
        lambda: actions.set_role(bruno, group.pk, chloe, "admin"),
        lambda: actions.add_members(bruno, room.pk, [dora]),
        lambda: actions.update_conversation(bruno, room.pk, title="x"),
    ):
        with pytest.raises(NotAllowed):
            refused()
    actions.add_members(bruno, group.pk, [dora])
    actions.set_role(alice, group.pk, bruno, "admin")
    actions.remove_member(bruno, group.pk, dora)
    with pytest.raises(NotAllowed):
        actions.remove_member(bruno, group.pk, alice)
    with pytest.raises(Conflict):
        actions.set_role(alice, group.pk, alice, "member")
    for refused in (
        lambda: actions.leave(alice, talk.pk),
        lambda: actions.add_members(alice, talk.pk, [chloe]),
        lambda: actions.update_conversation(alice, talk.pk, title="x"),
        lambda: actions.remove_member(alice, talk.pk, bruno),
    ):
        with pytest.raises(Conflict):
            refused()


def test_people_who_may_not_be_written_to_and_those_who_do_not_exist_are_the_same() -> None:
    alice, bruno, _ = pair()
    actions.block(bruno, alice)
    said = set()
    for people in ([str(bruno.pk)], ["999999"], ["nonsense"]):
        with pytest.raises(NotFound) as refused:
            group_of(alice, *people)
        said.add(refused.value.message)
    assert len(said) == 1


def test_naming_a_group_says_so() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.update_conversation(bruno, group.pk, title="Lot 2", picture="/p.png")
    [updated] = events_in(group, "conversation.updated")
    assert (updated["conversation"]["title"], updated["conversation"]["picture"]) == ("Lot 2", "/p.png")
    line = events_in(group, "message.sent")[-1]["message"]
    assert (line["system"]["type"], line["system"]["actor"]["name"]) == ("renamed", "Bruno Kouassi")
    assert actions.update_conversation(bruno, group.pk, title="Lot 2").position is None
    for wrong in ({"title": " "}, {"title": "x" * 121}, {"picture": "javascript:alert(1)"}):
        with pytest.raises(Invalid):
            actions.update_conversation(bruno, group.pk, **wrong)


def test_what_is_done_to_older_messages_says_nothing_of_them_to_who_came_later() -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno)
    secret = actions.send_message(alice, group.pk, "secret")
    actions.add_members(alice, group.pk, [chloe])
    actions.edit_message(alice, group.pk, secret.message.id, "secret too")
    actions.react(bruno, group.pk, secret.message.id, "👍")
    answer = actions.send_message(bruno, group.pk, "Oui", reply_to=secret.message.id)
    changed = events_in(group, "message.changed")
    assert changed == [{"conversation": group.pk, "message": secret.message.id, "seq": secret.message.seq}] * 2
    assert answer.message.reply_to is not None
    assert (answer.message.reply_to.content, answer.message.reply_to.is_deleted) == ("", False)
    access = topics.may_follow(identity(chloe), str(group.pk))
    assert access is not None
    heard = log.read(topics.topic_of(group.pk), access.visible_from, 1000).events
    assert heard and not any(b"secret" in event.data for event in heard)
    # Where everybody saw it, it is told whole.
    later = actions.send_message(alice, group.pk, "open")
    actions.edit_message(alice, group.pk, later.message.id, "opener")
    assert events_in(group, "message.edited")[-1]["message"]["content"] == "opener"


@pytest.mark.parametrize("how", ["left", "sent away"])
def test_who_goes_in_a_hosts_transaction_is_notified_of_nothing_any_more(how: str) -> None:
    alice, bruno = make_user(), make_user()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "Tu viens ?")
    follow_up()
    with transaction.atomic():
        if how == "left":
            actions.leave(bruno, group.pk)
        else:
            actions.remove_member(alice, group.pk, bruno)
        assert Notification.objects.filter(user=bruno, is_read=False).exists()
    assert not Notification.objects.filter(user=bruno, is_read=False).exists()
