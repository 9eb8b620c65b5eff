"""What follows a message: the lists of members, and one notification for each who is not looking."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from carillon.conversations import actions
from carillon.conversations.actions import following
from carillon.conversations.models import Conversation, Membership
from carillon.notifications.actions import mark_read
from carillon.notifications.actions.renewing import unread_of
from carillon.notifications.models import Notification
from tests.contracts.facts import in_threads
from tests.features.conversations.talk import events_in, follow_up, group_of, pair, told
from tests.features.notifications.inbox import counters, recount
from tests.support.covers import covers
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@covers("000-35", "004-20")
def test_a_message_makes_and_rings_a_notification_of_type_message() -> None:
    alice, bruno, talk = pair()
    sent = actions.send_message(alice, talk.pk, "Salut, ça va ?")
    follow_up()
    row = Notification.objects.get()
    assert (row.user_id, row.type, row.kind, row.actor_id) == (bruno.pk, "message", "new_message", alice.pk)
    assert (row.title, row.message) == ("Alice Fontaine vous a écrit", "Salut, ça va ?")
    assert (row.message_id, row.url) == (str(sent.message.id), f"/messages/{talk.pk}")
    assert row.data["chat_room_id"] == row.data["conversation_id"] == talk.pk
    assert row.data["message"]["sender"]["username"] == "alice"
    [rung] = told(bruno, "notification.created")
    assert rung["notification"]["id"] == row.pk and rung["inbox"]["unread"] == 1
    assert not told(alice, "notification.created")


def test_the_lists_of_all_members_follow_once_however_much_was_said() -> None:
    alice, bruno, talk = pair()
    follow_up()
    for number in range(5):
        actions.send_message(alice, talk.pk, str(number))
    assert follow_up() == 2
    for person, unread in ((alice, 0), (bruno, 5)):
        entry = told(person, "conversation.touched")[-1]["entry"]
        assert (entry["last_message"]["content"], entry["mine"]["unread"]) == ("4", unread)
        assert entry["people"][0]["id"] == str(bruno.pk if person is alice else alice.pk)
    assert len(told(bruno, "conversation.touched")) == 2
    assert Conversation.objects.unfollowed().count() == 0


def test_further_messages_renew_the_one_notification() -> None:
    alice, bruno, talk = pair()
    actions.send_message(alice, talk.pk, "un")
    follow_up()
    actions.send_message(alice, talk.pk, "deux")
    actions.send_message(alice, talk.pk, "trois")
    follow_up()
    row = Notification.objects.get()
    assert (row.title, row.message) == ("3 nouveaux messages de Alice Fontaine", "trois")
    assert row.number == 2
    assert counters(bruno) == recount(bruno) == (1, 1)
    assert [each["inbox"]["unread"] for each in told(bruno, "notification.created")] == [1, 1]


def test_a_notification_is_renewed_with_all_that_it_says_now() -> None:
    """Its indexed columns are written only where they change: who spoke last, and what a host's own one was."""
    alice, bruno, _ = pair()
    clara = make_user("clara")
    group = group_of(alice, bruno, clara)
    actions.send_message(alice, group.pk, "un")
    follow_up()
    row = Notification.objects.get(user=bruno)
    assert (row.actor_id, row.number) == (alice.pk, 1)
    actions.send_message(clara, group.pk, "deux")
    follow_up()
    row.refresh_from_db()
    assert (row.actor_id, row.message, row.data["count"], row.number) == (clara.pk, "deux", 2, 2)
    assert Notification.objects.get(user=alice).actor_id == clara.pk
    Notification.objects.filter(pk=row.pk).update(kind="", dedupe_key="of the host", url="/elsewhere")
    actions.send_message(clara, group.pk, "trois")
    follow_up()
    row.refresh_from_db()
    assert (row.kind, row.dedupe_key, row.url, row.number) == ("new_message", None, f"/messages/{group.pk}", 3)
    assert told(bruno, "notification.created")[-1]["notification"]["actor"]["id"] == str(clara.pk)


def test_many_conversations_are_followed_up_together_and_each_member_hears_of_their_own() -> None:
    alice, bruno, _ = pair()
    groups = [group_of(alice, bruno) for _ in range(5)]
    follow_up()
    for number, group in enumerate(groups):
        for again in range(number + 1):
            actions.send_message(alice, group.pk, f"{number}.{again}")
    assert following.follow_up() == 10
    assert not Conversation.objects.unfollowed().exists()
    assert {row.data["conversation_id"]: (row.data["count"], row.message) for row in Notification.objects.all()} == {
        group.pk: (number + 1, f"{number}.{number}") for number, group in enumerate(groups)
    }
    assert counters(bruno) == recount(bruno) == (5, 5)
    lines = {each["entry"]["conversation"]["id"]: each["entry"] for each in told(bruno, "conversation.touched")}
    # The line that says who made it is unread too.
    assert [lines[group.pk]["mine"]["unread"] for group in groups] == [2, 3, 4, 5, 6]


def test_a_seen_notification_that_is_renewed_is_unseen_again() -> None:
    alice, bruno, talk = pair()
    actions.send_message(alice, talk.pk, "un")
    follow_up()
    from carillon.notifications.actions import mark_seen

    mark_seen(bruno.pk, 10)
    assert counters(bruno) == (1, 0)
    actions.send_message(alice, talk.pk, "deux")
    follow_up()
    assert counters(bruno) == recount(bruno) == (1, 1)


def test_reading_clears_the_notification_everywhere() -> None:
    alice, bruno, talk = pair()
    actions.send_message(alice, talk.pk, "un")
    follow_up()
    actions.mark_read(bruno, talk.pk)
    assert counters(bruno) == recount(bruno) == (0, 0)
    [updated] = told(bruno, "notification.updated")
    assert updated["notifications"][0]["is_read"] and updated["inbox"]["unread"] == 0
    [read] = events_in(talk, "conversation.read")
    assert (read["person"], read["up_to"]) == (str(bruno.pk), 1)
    # The next one is a new notification.
    actions.send_message(alice, talk.pk, "deux")
    follow_up()
    assert Notification.objects.filter(user=bruno, is_read=False).count() == 1
    assert Notification.objects.count() == 2


def test_what_was_read_before_it_was_followed_up_notifies_nobody() -> None:
    alice, bruno, talk = pair()
    actions.send_message(alice, talk.pk, "un")
    actions.mark_read(bruno, talk.pk)
    follow_up()
    assert not Notification.objects.exists()


def test_who_is_looking_is_not_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bruno, _ = pair()
    chloe = make_user()
    group = group_of(alice, bruno, chloe)
    follow_up()
    monkeypatch.setattr(following, "all_lookers", lambda keys: {key: {str(bruno.pk)} for key in keys})
    actions.send_message(alice, group.pk, "Bonjour")
    follow_up()
    assert [row.user_id for row in Notification.objects.all()] == [chloe.pk]
    assert told(bruno, "conversation.touched")[-1]["entry"]["mine"]["unread"] == 2


def test_who_muted_is_not_notified_until_it_ends() -> None:
    alice, bruno, talk = pair()
    actions.mute(bruno, talk.pk, timezone.now() + dt.timedelta(hours=1))
    actions.send_message(alice, talk.pk, "un")
    follow_up()
    assert not Notification.objects.exists()
    assert told(bruno, "conversation.touched")[-1]["entry"]["mine"]["unread"] == 1
    actions.mute(bruno, talk.pk, None)
    actions.send_message(alice, talk.pk, "deux")
    follow_up()
    assert Notification.objects.get().user_id == bruno.pk


def test_a_large_room_is_followed_up_in_batches() -> None:
    alice, *others = make_users(60)
    room = group_of(alice, *others, kind="room", title="Salle")
    follow_up()
    actions.send_message(alice, room.pk, "Bonjour")
    assert [actions.follow_up(25), actions.follow_up(25), actions.follow_up(25), actions.follow_up(25)] == [
        25,
        25,
        10,
        0,
    ]
    assert Notification.objects.count() == 59
    assert Conversation.objects.unfollowed().count() == 0


def test_changes_that_lists_do_not_show_touch_nobody() -> None:
    alice, bruno, talk = pair()
    first = actions.send_message(alice, talk.pk, "un")
    actions.send_message(alice, talk.pk, "deux")
    follow_up()
    before = len(told(bruno, "conversation.touched"))
    actions.edit_message(alice, talk.pk, first.message.id, "UN")
    assert follow_up() == 0
    assert len(told(bruno, "conversation.touched")) == before


def test_the_entry_of_somebody_named_says_so() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "@bruno ?")
    follow_up()
    assert told(bruno, "conversation.touched")[-1]["entry"]["mine"]["is_mentioned"]
    actions.mark_read(bruno, group.pk)
    assert not told(bruno, "conversation.touched")[-1]["entry"]["mine"]["is_mentioned"]


def test_the_same_work_for_ten_members_as_for_forty(django_assert_max_num_queries: Any) -> None:
    alice, *others = make_users(41)
    group = group_of(alice, *others)
    follow_up()
    actions.send_message(alice, group.pk, "x")
    with django_assert_max_num_queries(45):
        follow_up()
    assert not Membership.objects.filter(told__lt=Conversation.objects.get(pk=group.pk).version).exists()


def test_lines_about_the_conversation_are_not_counted_as_messages() -> None:
    alice, bruno, _ = pair()
    group = group_of(alice, bruno)
    actions.send_message(alice, group.pk, "Bonjour")
    follow_up()
    assert Notification.objects.get(user=bruno).title == "Alice Fontaine a écrit dans Chantier"
    actions.update_conversation(alice, group.pk, title="Lot 2")
    actions.send_message(alice, group.pk, "Encore")
    follow_up()
    assert Notification.objects.get(user=bruno).title == "2 nouveaux messages dans Lot 2"


def test_what_became_unread_meanwhile_and_is_held_by_others_is_waited_for_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would be locked out of order; whoever made it unread meant it."""
    alice, bruno, talk = pair()
    for content in ("un", "deux"):
        actions.send_message(alice, talk.pk, content)
        follow_up()
        first, *others = Notification.objects.order_by("number")
        mark_read(bruno.pk, [first.pk])
    [second] = others
    actions.send_message(bruno, talk.pk, "trois")
    is_held, is_done = threading.Event(), threading.Event()

    def hold() -> None:
        # Told of by nobody, for it is the moment that counts.
        Notification.objects.filter(pk=first.pk).update(is_read=False)
        with transaction.atomic():
            list(Notification.objects.filter(pk=first.pk).select_for_update())
            is_held.set()
            assert is_done.wait(10)

    def look_and_let_in(pairs: Any, *, is_settled: bool) -> Any:
        found = unread_of(pairs, is_settled=is_settled)
        if connection.vendor == "postgresql" and not holder.is_alive():
            holder.start()
            assert is_held.wait(10)
        return found

    # SQLite has one writer at a time: nobody comes in between.
    holder = threading.Thread(target=in_threads, args=(hold,))
    monkeypatch.setattr(following, "unread_of", look_and_let_in)
    assert actions.follow_up() == 2
    is_done.set()
    if holder.ident:
        holder.join()
        assert not Notification.objects.get(pk=first.pk).is_read
    assert Notification.objects.get(pk=second.pk).is_read
