"""Sending: stored, numbered and announced together; each message accepted or refused by itself."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import transaction

from carillon.conversations import actions, queries
from carillon.conversations.models import Conversation, Membership, Message, ReadMark
from carillon.conversations.signals import message_sent
from carillon.errors import CarillonError, Conflict, Invalid, NotAllowed, NotFound
from carillon.realtime.outbox import outbox
from tests.features.conversations.talk import events_in, group_of, pair
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@covers("002-23", "002-25", "002-26", "004-01")
def test_a_message_is_stored_numbered_and_announced() -> None:
    alice, _, talk = pair()
    sent = actions.send_message(alice, talk.pk, "  Bonjour  ")
    row = Message.objects.get()
    assert (row.content, row.seq, row.sender_id, row.conversation_id) == ("Bonjour", 1, alice.pk, talk.pk)
    assert sent.position is not None
    [told] = events_in(talk, "message.sent")
    message = told["message"]
    assert (message["id"], message["seq"], message["content"], message["kind"]) == (row.pk, 1, "Bonjour", "text")
    assert message["sender"]["name"] == "Alice Fontaine" and message["sender"]["username"] == "alice"
    assert (message["attachment"], message["reactions"], message["reply_to"]) == (None, [], None)
    assert ReadMark.objects.get(membership__user=alice).up_to == 1


def test_numbers_have_no_gaps_whatever_is_refused() -> None:
    alice, bruno, talk = pair()
    stranger = make_user()
    for sender, content in ((alice, "1"), (bruno, "2")):
        actions.send_message(sender, talk.pk, content)
    with pytest.raises(NotFound):
        actions.send_message(stranger, talk.pk, "hello?")
    actions.send_message(alice, talk.pk, "3")
    assert list(Message.objects.order_by("seq").values_list("seq", "content")) == [(1, "1"), (2, "2"), (3, "3")]
    talk.refresh_from_db()
    assert talk.last_seq == 3


def test_many_at_once_are_accepted_and_refused_one_by_one() -> None:
    alice, bruno, talk = pair()
    group = group_of(alice, make_user())
    items = [
        actions.new_message(alice, talk.pk, "a"),
        actions.new_message(bruno, group.pk, "no member"),
        actions.new_message(alice, group.pk, "b"),
        actions.new_message(bruno, talk.pk, "c"),
        actions.new_message(alice, talk.pk, "d", reply_to=10**9),
    ]
    with outbox() as publish:
        outcomes: list[Any] = actions.send_messages._function(publish, items)
    refused = [type(each) if isinstance(each, CarillonError) else None for each in outcomes]
    assert refused == [None, NotFound, None, None, Invalid]
    assert [row.content for row in Message.objects.filter(conversation=talk).order_by("seq")] == ["a", "c"]
    assert [each.message.seq for each in outcomes if not isinstance(each, CarillonError)] == [1, 2, 2]


def test_what_is_stored_of_many_is_what_each_is_answered() -> None:
    alice, bruno, talk = pair()
    others = [group_of(alice, bruno) for _ in range(3)]
    first = actions.send_message(bruno, others[0].pk, "Qui ?").message
    items = [
        actions.new_message(alice, others[2].pk, "@bruno viens"),
        actions.new_message(bruno, talk.pk, "a"),
        actions.new_message(alice, others[0].pk, "Moi", reply_to=first.id),
        actions.new_message(bruno, others[2].pk, "oui, {“é”: 'ß'}"),
        actions.new_message(alice, talk.pk, "b"),
        actions.new_message(bruno, talk.pk, "c"),
    ]
    with outbox() as publish:
        outcomes: list[Any] = actions.send_messages._function(publish, items)
    states = [each.message for each in outcomes]
    rows = Message.objects.in_bulk([state.id for state in states])
    assert [rows[state.id] for state in states] and queries.states_of([rows[state.id] for state in states]) == states
    assert [(state.conversation, state.content) for state in states] == [(i.conversation, i.content) for i in items]
    assert [state.seq for state in states] == [2, 1, 3, 3, 2, 3]
    assert rows[states[1].id].pk < rows[states[4].id].pk < rows[states[5].id].pk
    marks = ReadMark.objects.filter(membership__conversation=talk)
    assert dict(marks.values_list("membership__user", "up_to")) == {alice.pk: 2, bruno.pk: 3}
    assert Membership.objects.get(conversation=others[2], user=bruno).mentioned_seq == 2
    for conversation in (talk, *others):
        assert [told["message"]["seq"] for told in events_in(conversation, "message.sent")] == list(
            Message.objects.filter(conversation=conversation).order_by("seq").values_list("seq", flat=True)
        )


def test_fifty_messages_take_as_many_statements_as_five(django_assert_max_num_queries: Any) -> None:
    alice, bruno, _ = pair()
    groups = [group_of(alice, bruno) for _ in range(10)]
    for count in (5, 50):
        items = [actions.new_message(alice, groups[n % 10].pk, str(n)) for n in range(count)]
        with django_assert_max_num_queries(12), outbox() as publish:
            actions.send_messages._function(publish, items)


@covers("004-39")
@pytest.mark.parametrize("content", ["", " \n\t ", "x" * 8001])
def test_what_cannot_be_said_is_refused(content: str) -> None:
    alice, _, talk = pair()
    with pytest.raises(Invalid) as refused:
        actions.send_message(alice, talk.pk, content)
    assert refused.value.details[0]["field"] == "content"
    assert not Message.objects.exists()


def test_the_same_key_is_the_same_message_for_ever() -> None:
    alice, bruno, talk = pair()
    key = str(uuid.uuid4())
    first = actions.send_message(alice, talk.pk, "Bonjour", client_id=key)
    again = actions.send_message(alice, talk.pk, "Bonjour", client_id=key)
    assert (again.message.id, again.position) == (first.message.id, None)
    assert len(events_in(talk, "message.sent")) == 1
    with pytest.raises(Conflict) as refused:
        actions.send_message(alice, talk.pk, "Bonsoir", client_id=key)
    assert refused.value.slug == "idempotency_mismatch"
    # The key is the sender's own.
    actions.send_message(bruno, talk.pk, "Salut", client_id=key)
    assert Message.objects.count() == 2


def test_the_same_key_twice_in_one_transaction() -> None:
    alice, _, talk = pair()
    item = actions.new_message(alice, talk.pk, "Bonjour", client_id="one")
    other = actions.new_message(alice, talk.pk, "Autre chose", client_id="one")
    with outbox() as publish:
        first, second, third = actions.send_messages._function(publish, [item, item, other])
    assert first is second
    assert isinstance(third, Conflict)
    assert Message.objects.count() == 1


def test_an_answer_quotes_what_it_answers() -> None:
    alice, bruno, talk = pair()
    question = actions.send_message(alice, talk.pk, "Demain ?" + "x" * 300)
    answer = actions.send_message(bruno, talk.pk, "Oui", reply_to=question.message.id)
    quote = answer.message.reply_to
    assert quote is not None and quote.id == question.message.id and quote.seq == 1
    assert quote.content.startswith("Demain ?") and len(quote.content) == 200
    assert quote.sender is not None and quote.sender.name == "Alice Fontaine"
    other = group_of(alice, bruno)
    with pytest.raises(Invalid):
        actions.send_message(alice, other.pk, "?", reply_to=question.message.id)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("@bruno tu viens ?", ["bruno"]),
        ("Merci @Bruno Kouassi!", ["Bruno Kouassi"]),
        ("écrire à bruno@example.org", []),
        ("@brunoise", []),
        ("@all on y va, @ALICE", ["all", "ALICE"]),
        ("(@tous)", ["tous"]),
        ("@nobody", []),
    ],
)
def test_people_are_named_with_an_at_sign(content: str, names: list[str]) -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    sent = actions.send_message(alice, group.pk, content)
    assert [mention.name for mention in sent.message.mentions] == names
    is_named = bool({"bruno", "Bruno Kouassi", "all", "tous"}.intersection(names))
    assert (Membership.objects.get(conversation=group, user=bruno).mentioned_seq == sent.message.seq) == is_named
    assert Membership.objects.get(conversation=group, user=alice).mentioned_seq == 0


def test_who_blocks_and_who_is_blocked_write_nothing_to_each_other() -> None:
    alice, bruno, talk = pair()
    group = group_of(alice, bruno)
    actions.block(bruno, alice)
    for sender in (alice, bruno):
        with pytest.raises(NotAllowed):
            actions.send_message(sender, talk.pk, "?")
    actions.send_message(alice, group.pk, "In a group one does.")
    actions.unblock(bruno, alice)
    actions.send_message(alice, talk.pk, "!")


def test_in_a_transaction_of_the_host_it_goes_with_it() -> None:
    alice, _, talk = pair()
    with transaction.atomic():
        sent = actions.send_message(alice, talk.pk, "Bonjour")
        assert sent.position is None
        assert not events_in(talk, "message.sent")
    assert [told["message"]["content"] for told in events_in(talk, "message.sent")] == ["Bonjour"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.send_message(alice, talk.pk, "never")
        raise ZeroDivisionError
    assert Message.objects.count() == 1
    assert Conversation.objects.get(pk=talk.pk).last_seq == 1


def test_hosts_hear_of_messages_after_the_commit() -> None:
    alice, _, talk = pair()
    heard: list[str] = []

    def hear(message: Message, **_: object) -> None:
        heard.append(message.content)

    message_sent.connect(hear)
    try:
        actions.send_message(alice, talk.pk, "one", client_id="k")
        actions.send_message(alice, talk.pk, "one", client_id="k")
    finally:
        message_sent.disconnect(hear)
    assert heard == ["one"]
