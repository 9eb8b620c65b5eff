"""Changing what was said: editing, deleting, reacting."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils import timezone

from carillon.conversations import events, queries
from carillon.conversations.actions.content import checked_content, checked_emoji, mentions_in
from carillon.conversations.actions.locking import lock
from carillon.conversations.actions.outcome import Outcome
from carillon.conversations.actions.sending import FOLLOW_UP
from carillon.conversations.models import Conversation, Membership, Message, Reaction
from carillon.conversations.topics import topic_of
from carillon.errors import Conflict, NotAllowed, NotFound, TooMany
from carillon.jobs.wake import wake
from carillon.people.queries import people_of
from carillon.realtime.event import Fact
from carillon.realtime.outbox import Publish, action, outbox

MOST_EMOJI = 20


@action
def edit_message(user: Any, conversation: int, message: int, content: str) -> Outcome:
    """Let a message of one's own say something else; the same again changes nothing.

    Raises NotFound, NotAllowed for somebody else's message and between people who block each other, Conflict `gone` for a
    deleted one, Invalid.
    """
    text = checked_content(content)
    with outbox() as publish:
        membership, row = _locked(user, conversation, message)
        _require(row.sender_id == membership.user_id, "Only who wrote this can change it.")
        _require(not _is_blocked(membership), "You cannot write to this person.")
        if row.content == text:
            return Outcome(message=queries.states_of([row])[0])
        members = people_of(_members(conversation)) if "@" in text else {}
        row.content, row.edited_at = text, timezone.now()
        row.mentions = msgspec.to_builtins(mentions_in(text, members))
        row.save(update_fields=["content", "edited_at", "mentions"])
        return _told(publish, row, events.MessageEdited)


@action
def delete_message(user: Any, conversation: int, message: int) -> Outcome:
    """Take back a message of one's own, or as owner or admin anybody's; again it changes nothing.

    It stays in its place without content, and nothing quotes it any more. Raises NotFound, NotAllowed.
    """
    with outbox() as publish:
        membership, row = _locked(user, conversation, message, even_deleted=True)
        may_clear = membership.role != "member" and not membership.conversation.is_direct
        _require(row.sender_id == membership.user_id or may_clear, "Only who wrote this can delete it.")
        if row.deleted_at is not None:
            return Outcome(message=queries.states_of([row])[0])
        row.content, row.mentions, row.quote, row.deleted_at = "", [], None, timezone.now()
        row.save(update_fields=["content", "mentions", "quote", "deleted_at"])
        row.reactions.all().delete()
        _blank_quotes(row)
        return _told(publish, row, events.MessageDeleted)


@action
def react(user: Any, conversation: int, message: int, emoji: str, *, on: bool = True) -> Outcome:
    """Put an emoji under a message, or take it back; again it changes nothing.

    Raises NotFound, Conflict `gone` for a deleted message, NotAllowed between people who block each other, Invalid for
    what is no emoji, TooMany beyond MOST_EMOJI different ones.
    """
    emoji = checked_emoji(emoji) if on else emoji
    with outbox() as publish:
        membership, row = _locked(user, conversation, message)
        _require(not _is_blocked(membership), "You cannot react to this.")
        mine = Reaction.objects.filter(message=row, user=membership.user_id, emoji=emoji)
        if mine.exists() == on:
            return Outcome(message=queries.states_of([row])[0])
        if on:
            given = set(row.reactions.values_list("emoji", flat=True))
            if emoji not in given and len(given) >= MOST_EMOJI:
                raise TooMany("quota_exceeded", f"At most {MOST_EMOJI} different reactions under a message.")
            Reaction.objects.create(message=row, user_id=membership.user_id, emoji=emoji)
        else:
            mine.delete()
        return _told(publish, row, events.MessageReacted)


def _locked(user: Any, conversation: int, message: int, *, even_deleted: bool = False) -> tuple[Membership, Message]:
    """The writer's place and the message, locked with its conversation."""
    membership = lock(user, conversation)
    rows = Message.objects.filter(conversation=conversation, pk=message, seq__gt=membership.visible_from)
    row = rows.first() if queries.is_key(message) else None
    if row is None or row.system is not None:
        raise NotFound("not_found", "There is no such message.")
    if row.deleted_at is not None and not even_deleted:
        raise Conflict("gone", "This message was deleted.")
    return membership, row


def _told(publish: Publish, row: Message, fact: Any) -> Outcome:
    state = queries.states_of([row])[0]
    told: Fact = fact(message=state)
    if row.deleted_at is None and row.seq <= queries.hidden_from(row.conversation_id):
        # What an event says everybody hears, also those who came later.
        told = events.MessageChanged(conversation=row.conversation_id, message=row.pk, seq=row.seq)
    published = publish(topic_of(row.conversation_id), told)
    # Lists show the last message: they change where this is it, or where it may quote this.
    touched = Conversation.objects.filter(pk=row.conversation_id)
    if row.deleted_at is None:
        touched = touched.filter(last_seq=row.seq)
    if touched.advance():
        publish.after_commit(lambda: wake(FOLLOW_UP))
    return Outcome(published, message=state)


def _blank_quotes(row: Message) -> None:
    for reply in Message.objects.filter(reply_to=row, quote__isnull=False):
        quote = msgspec.convert(reply.quote, events.Quote)
        reply.quote = msgspec.to_builtins(msgspec.structs.replace(quote, content="", is_deleted=True))
        reply.save(update_fields=["quote"])


def _members(conversation: int) -> list[Any]:
    return list(
        Membership.objects.filter(conversation=conversation, left_at__isnull=True).values_list("user", flat=True)
    )


def _is_blocked(membership: Membership) -> bool:
    if not membership.conversation.is_direct:
        return False
    others = Membership.objects.filter(conversation=membership.conversation_id).exclude(user=membership.user_id)
    return any(queries.is_blocked_between(membership.user_id, other) for other in others.values_list("user", flat=True))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise NotAllowed("forbidden", message)
