"""Editing, deleting, reacting, reading."""

from __future__ import annotations

import pytest

from carillon.conversations import actions, queries
from carillon.conversations.models import Message, ReadMark
from carillon.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from tests.features.conversations.talk import events_in, follow_up, group_of, pair, told
from tests.support.covers import covers
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_who_wrote_a_message_may_change_it() -> None:
    alice, bruno, talk = pair()
    sent = actions.send_message(alice, talk.pk, "Bonjuor")
    actions.edit_message(alice, talk.pk, sent.message.id, "Bonjour")
    [told_of] = events_in(talk, "message.edited")
    assert told_of["message"]["content"] == "Bonjour" and told_of["message"]["edited_at"]
    assert actions.edit_message(alice, talk.pk, sent.message.id, "Bonjour").position is None
    with pytest.raises(NotAllowed):
        actions.edit_message(bruno, talk.pk, sent.message.id, "!")
    with pytest.raises(NotFound):
        actions.edit_message(make_user(), talk.pk, sent.message.id, "!")
    with pytest.raises(Invalid):
        actions.edit_message(alice, talk.pk, sent.message.id, " ")


def test_a_deleted_message_keeps_its_place_and_is_quoted_no_more() -> None:
    alice, bruno, talk = pair()
    sent = actions.send_message(alice, talk.pk, "secret")
    answer = actions.send_message(bruno, talk.pk, "?", reply_to=sent.message.id)
    actions.react(bruno, talk.pk, sent.message.id, "👍")
    actions.delete_message(alice, talk.pk, sent.message.id)
    [gone] = events_in(talk, "message.deleted")
    assert (gone["message"]["seq"], gone["message"]["content"], gone["message"]["reactions"]) == (1, "", [])
    quote = queries.states_of([Message.objects.get(pk=answer.message.id)])[0].reply_to
    assert quote is not None and (quote.content, quote.is_deleted) == ("", True)
    with pytest.raises(Conflict) as refused:
        actions.edit_message(alice, talk.pk, sent.message.id, "again")
    assert refused.value.slug == "gone"
    assert actions.delete_message(alice, talk.pk, sent.message.id).position is None
    follow_up()
    assert told(bruno, "conversation.touched")[-1]["entry"]["last_message"]["reply_to"]["content"] == ""


def test_who_runs_a_group_may_delete_what_others_said() -> None:
    alice, bruno, talk = pair()
    group = group_of(alice, bruno)
    in_group = actions.send_message(bruno, group.pk, "x")
    direct = actions.send_message(bruno, talk.pk, "x")
    actions.delete_message(alice, group.pk, in_group.message.id)
    with pytest.raises(NotAllowed):
        actions.delete_message(alice, talk.pk, direct.message.id)
    # A line about the conversation is nobody's to change.
    line = Message.objects.filter(conversation=group).order_by("seq")[0]
    with pytest.raises(NotFound):
        actions.delete_message(alice, group.pk, line.pk)


def test_reactions_are_counted_and_named_in_the_order_in_which_they_came() -> None:
    alice, bruno, talk = pair()
    sent = actions.send_message(alice, talk.pk, "Réunion déplacée")
    actions.react(bruno, talk.pk, sent.message.id, "👍")
    actions.react(alice, talk.pk, sent.message.id, "👍")
    done = actions.react(alice, talk.pk, sent.message.id, "🎉")
    assert done.message is not None
    assert [(r.emoji, r.count, r.people) for r in done.message.reactions] == [
        ("👍", 2, [str(bruno.pk), str(alice.pk)]),
        ("🎉", 1, [str(alice.pk)]),
    ]
    assert actions.react(alice, talk.pk, sent.message.id, "🎉").position is None
    gone = actions.react(bruno, talk.pk, sent.message.id, "👍", on=False)
    assert gone.message is not None and gone.message.reactions[0].count == 1
    for wrong in ("", "oui", "a b", "x" * 33):
        with pytest.raises(Invalid):
            actions.react(alice, talk.pk, sent.message.id, wrong)


def test_reactions_have_bounds() -> None:
    alice, *others = make_users(3)
    group = group_of(alice, *others)
    sent = actions.send_message(alice, group.pk, "x")
    for number in range(20):
        actions.react(alice, group.pk, sent.message.id, chr(0x1F600 + number))
    with pytest.raises(TooMany):
        actions.react(others[0], group.pk, sent.message.id, "🎉")
    actions.react(others[0], group.pk, sent.message.id, chr(0x1F600))


@covers("004-05", "004-14", "004-16")
def test_marks_of_reading_only_grow() -> None:
    alice, bruno, talk = pair()
    ids = [actions.send_message(alice, talk.pk, str(n)).message.id for n in range(3)]
    actions.mark_read(bruno, talk.pk, message=ids[1])
    assert actions.mark_read(bruno, talk.pk, 1).position is None
    actions.mark_read(bruno, talk.pk, 99)
    reads = events_in(talk, "conversation.read")
    assert [(read["up_to"], read["message"]) for read in reads] == [(2, ids[1]), (3, ids[2])]
    assert reads[0]["face"]["username"] == "bruno"
    entry = told(bruno, "conversation.touched")[-1]["entry"]
    assert (entry["mine"]["read_up_to"], entry["mine"]["unread"]) == (3, 0)
    with pytest.raises(NotFound):
        actions.mark_read(bruno, talk.pk, message=10**12)
    assert ReadMark.objects.get(membership__user=bruno).up_to == 3


def test_reading_is_refused_to_strangers() -> None:
    _, _, talk = pair()
    with pytest.raises(NotFound):
        actions.mark_read(make_user(), talk.pk)
