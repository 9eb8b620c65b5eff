"""The same number of statements for a few as for many: lists of hundreds, histories of a hundred thousand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carillon.conversations.models import Conversation, Membership, Message, ReadMark
from tests.features.conversations.rest import URL, Rest
from tests.features.conversations.talk import group_of
from tests.support.people import make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class TestAtScale:
    """The same number of statements for a few as for many."""

    def statements(self, count: Any, user: Any, path: str, **query: Any) -> int:
        client = Rest(user)
        client.get(path, query)
        with count() as done:
            assert client.get(path, query).status_code == 200
        return len(done)

    @pytest.fixture
    def count(self) -> Any:
        return lambda: CaptureQueriesContext(connection)

    def test_a_list_of_a_hundred_costs_what_one_of_five_does(self, count: Any) -> None:
        few, many = _in_conversations(5), _in_conversations(500)
        for query in ({"limit": 100}, {"limit": 100, "q": "groupe"}, {"limit": 30}):
            assert self.statements(count, few, URL, **query) == self.statements(count, many, URL, **query) <= 10
        page = Rest(many).json(URL, limit=100)
        assert len(page["results"]) == 100
        below = {"limit": 100, "cursor": page["next"]}
        # What the badge counts is told once, with the first page.
        assert self.statements(count, many, URL, **below) == self.statements(count, few, URL, limit=100) - 1

    def test_a_hundred_thousand_messages_are_opened_paged_and_jumped_in_as_ten_are(self, count: Any) -> None:
        (one, short), (two, long) = _with_messages(10), _with_messages(100_000)
        for query in ({}, {"before": 6}, {"after": 3}, {"around": 5}):
            far = {side: seq * 10_000 for side, seq in query.items()}
            asked = self.statements(count, one, f"{URL}{short}/messages/", limit=100, **query)
            assert asked == self.statements(count, two, f"{URL}{long}/messages/", limit=100, **far) <= 10
        page = Rest(two).json(f"{URL}{long}/messages/", around=50_000, limit=100)
        assert [page["results"][0]["seq"], page["results"][-1]["seq"]] == [49_950, 50_049]
        assert self.statements(count, one, f"{URL}{short}/") == self.statements(count, two, f"{URL}{long}/") <= 12

    def test_a_conversation_of_a_hundred_members_costs_what_one_of_three_does(self, count: Any) -> None:
        alice, *others = make_users(100)
        small, large = group_of(alice, *others[:2]), group_of(alice, *others)
        for path in ("", "messages/"):
            asked = self.statements(count, alice, f"{URL}{small.pk}/{path}")
            assert asked == self.statements(count, alice, f"{URL}{large.pk}/{path}")


def _in_conversations(number: int) -> Any:
    """Somebody in so many groups with two others, in each of which something was said."""
    user, *others = make_users(3)
    made = Conversation.objects.bulk_create(
        Conversation(kind="group", title=f"Groupe {n}", last_seq=1, member_count=3) for n in range(number)
    )
    _join(made, [user, *others])
    Message.objects.bulk_create(Message(conversation=each, seq=1, sender=others[0], content="Bonjour") for each in made)
    return user


def _with_messages(number: int) -> tuple[Any, int]:
    """Somebody in a group in which so much was said."""
    user, other = make_users(2)
    made = Conversation.objects.create(kind="group", title="Long", last_seq=number, member_count=2)
    _join([made], [user, other])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO carillon_conversations_message (conversation_id, seq, sender_id, content, created_at)"
            " WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
            " SELECT %s, n, %s, 'Bonjour', CURRENT_TIMESTAMP FROM numbers",
            [number, made.pk, other.pk],
        )
    return user, made.pk


def _join(conversations: list[Conversation], users: list[Any]) -> None:
    rows = Membership.objects.bulk_create(
        Membership(conversation=each, user=user, visible_offset=0) for each in conversations for user in users
    )
    ReadMark.objects.bulk_create(ReadMark(membership=row) for row in rows)
