"""Blocking: who is not to write to somebody directly, nor to see whether they are there."""

from __future__ import annotations

from typing import Any

from carillon.conversations import events, queries
from carillon.conversations.actions.outcome import Outcome, key_of
from carillon.conversations.models import Block, Conversation, Membership
from carillon.conversations.topics import topic_of
from carillon.errors import NotFound, invalid_value
from carillon.people.queries import keys_of, users
from carillon.presence import visibility
from carillon.realtime.outbox import Publish, action, outbox
from carillon.realtime.topic import user_topic


@action
def block(user: Any, person: Any) -> Outcome:
    """Neither of the two writes to the other directly any more; again it changes nothing.

    Raises NotFound for who does not exist, Invalid for oneself.
    """
    me, other = key_of(user), next(keys_of([key_of(person)]), None)
    if other is None or not users([other]).exists():
        raise NotFound("not_found", "There is nobody like that.")
    if me == other:
        raise invalid_value("person", "not yourself")
    with outbox() as publish:
        _lock_direct(me, other)
        _, is_new = Block.objects.get_or_create(by_id=me, person_id=other)
        return _told(publish, me, other, is_blocked=True) if is_new else Outcome()


@action
def unblock(user: Any, person: Any) -> Outcome:
    """End a block; where there is none nothing changes. Raises NotFound for who does not exist."""
    me, other = key_of(user), next(keys_of([key_of(person)]), None)
    if other is None or not users([other]).exists():
        raise NotFound("not_found", "There is nobody like that.")
    with outbox() as publish:
        _lock_direct(me, other)
        deleted, _ = Block.objects.filter(by=me, person=other).delete()
        return _told(publish, me, other, is_blocked=False) if deleted else Outcome()


def _lock_direct(me: Any, other: Any) -> None:
    """Wait for what is being written between the two: after a block nothing follows."""
    mine = Membership.objects.filter(user=me).values("conversation")
    theirs = Membership.objects.filter(user=other).values("conversation")
    rows = Conversation.objects.filter(kind="direct", pk__in=mine).filter(pk__in=theirs)
    for _ in rows.select_for_update().order_by("pk").values_list("pk"):
        pass


def _told(publish: Publish, me: Any, other: Any, *, is_blocked: bool) -> Outcome:
    told = publish(user_topic(me), events.PersonBlocked(person=str(other), is_blocked=is_blocked))
    shared = queries.memberships_of(me).filter(conversation__kind="direct", conversation__memberships__user=other)
    Membership.objects.select_for_update().filter(pk__in=list(shared.values_list("pk", flat=True))).first()
    visibility.changed([me, other], [str(topic_of(each.conversation_id)) for each in shared])
    for entry in queries.entries_of(list(shared)):
        told = publish(user_topic(me), events.ConversationTouched(entry=entry))
    return Outcome(told)
