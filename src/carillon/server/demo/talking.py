"""Puts the demonstration's conversations into the tables, with the times at which they were had."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from carillon.conversations import actions
from carillon.conversations.models import Conversation, Membership, Message, ReadMark
from carillon.server.demo.talks import TALKS, Talk


def talk_all(known: dict[str, Any]) -> None:
    """Have these people say what they said; where anybody has said anything it does nothing."""
    if Conversation.objects.exists():
        return
    for talk in TALKS:
        _have(talk, known)
    # It is all history: nobody is to be told of it.
    for conversation in Conversation.objects.all():
        members = Membership.objects.filter(conversation=conversation)
        members.update(told=conversation.version, notified_seq=conversation.last_seq)
    Conversation.objects.update(followed=F("version"))


def _have(talk: Talk, known: dict[str, Any]) -> None:
    people = [known[name] for name in talk.people]
    conversation = actions.open_conversation(people[0], talk.kind, people[1:], title=talk.title)
    begun = timezone.now() - talk.said[0].ago
    Message.objects.filter(conversation=conversation).update(created_at=begun)
    sent: list[int] = []
    for said in talk.said:
        answered = sent[said.answers - 1] if said.answers else None
        message = actions.send_message(known[said.sender], conversation.pk, said.content, reply_to=answered).message
        sent.append(message.id)
        Message.objects.filter(pk=message.id).update(created_at=timezone.now() - said.ago)
        for name, emoji in said.reactions:
            actions.react(known[name], conversation.pk, message.id, emoji)
    last = timezone.now() - talk.said[-1].ago
    row = Conversation.objects.get(pk=conversation.pk)
    Conversation.objects.filter(pk=row.pk).update(created_at=begun, activity=int(last.timestamp() * 1_000_000))
    for member in Membership.objects.filter(conversation=row).select_related("user"):
        unread = talk.unread_by.get(member.user.get_username(), 0)
        ReadMark.objects.filter(membership=member).update(up_to=row.last_seq - unread, at=last)
