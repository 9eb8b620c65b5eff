"""Noting: lines in a conversation that say what happened to it, between the messages."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils import timezone

from carillon.conversations import events
from carillon.conversations.actions.sending import FOLLOW_UP
from carillon.conversations.models import Conversation, Message, ReadMark, now_in_microseconds
from carillon.conversations.topics import topic_of
from carillon.jobs.wake import wake
from carillon.realtime.outbox import Publish, Published


def note(publish: Publish, conversation: Conversation, actor: Any, what: events.System) -> Published:
    """Store and announce such a line; the conversation is locked, and is saved with it. Nobody is notified of it."""
    # One moment for both: clients take the mark's from the message.
    now = timezone.now()
    conversation.last_seq += 1
    conversation.activity = max(now_in_microseconds(), conversation.activity + 1)
    touch(publish, conversation)
    # Who did it knows of it.
    own = ReadMark.objects.filter(membership__conversation=conversation, membership__user=actor)
    own.update(up_to=conversation.last_seq, at=now)
    row = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq,
        sender_id=actor,
        system=msgspec.to_builtins(what),
        created_at=now,
    )
    faces = {what.actor.id: what.actor} if what.actor else {}
    return publish(topic_of(conversation.pk), events.MessageSent(message=events.Message.of(row, faces)))


def touch(publish: Publish, conversation: Conversation) -> None:
    """Save a locked conversation that changed, and have the lists of its members follow."""
    conversation.advance()
    conversation.save()
    publish.after_commit(lambda: wake(FOLLOW_UP))
