"""What is a member's own: how far they have read, and whether they hear of what is new."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from carillon.conversations import events, queries
from carillon.conversations.actions.outcome import Outcome, key_of
from carillon.conversations.models import Membership, Message, ReadMark
from carillon.conversations.topics import topic_of
from carillon.errors import NotFound, invalid_value
from carillon.notifications import actions as notifications
from carillon.notifications.models import Notification
from carillon.people.queries import people_of
from carillon.realtime.outbox import Publish, Published, action, outbox
from carillon.realtime.topic import user_topic

MOST_TRIES = 3


class _Notified(Exception):
    """A notification came between the look for one and the lock."""


def group_of(conversation: int) -> str:
    """The group of the notification that tells somebody of a conversation."""
    return f"conversation:{conversation}"


@action
def mark_read(user: Any, conversation: int, up_to: int | None = None, *, message: int | None = None) -> Outcome:
    """Note that somebody has read everything up to message number `up_to`, or up to the message with this id, or simply all.

    Marks only grow; the notification of the conversation is read with it, everywhere. Raises NotFound.
    """
    for _ in range(MOST_TRIES):
        try:
            with outbox() as publish:
                return _mark_read(publish, key_of(user), conversation, up_to, message)
        except _Notified:
            continue
    with outbox() as publish:
        return _mark_read(publish, key_of(user), conversation, up_to, message, is_last=True)


def _mark_read(
    publish: Publish, user: Any, conversation: int, up_to: int | None, message: int | None, *, is_last: bool = False
) -> Outcome:
    is_clear = is_last or (not publish.is_hosted and _is_notified(user, conversation))
    if is_clear:
        # Inboxes are locked before anything else.
        notifications.read_group(user, group_of(conversation))
    elif publish.is_hosted:
        publish.after_commit(lambda: notifications.read_group(user, group_of(conversation)))
    membership = _lock(user, conversation)
    bound = _bound(membership, up_to, message)
    is_moved = False
    if bound > membership.mark.up_to:
        # Saying something moves the mark too, and does not wait for who reads.
        behind = ReadMark.objects.filter(pk=membership.mark.pk, up_to__lt=bound)
        is_moved = bool(behind.update(up_to=bound, at=timezone.now()))
        membership = queries.present_membership(user, conversation)
    if not is_clear and not publish.is_hosted and _is_notified(user, conversation):
        raise _Notified
    if not is_moved:
        return Outcome(membership=membership)
    told = publish(topic_of(conversation), _read(membership, membership.mark))
    _tell_list(publish, membership)
    return Outcome(told, membership=membership)


def _bound(membership: Membership, up_to: int | None, message: int | None) -> int:
    last = membership.conversation.last_seq
    if message is None:
        return last if up_to is None else min(up_to, last)
    rows = Message.objects.filter(conversation=membership.conversation_id, pk=message)
    seq = rows.filter(seq__gt=membership.visible_from).values_list("seq", flat=True).first()
    if seq is None:
        raise NotFound("not_found", "There is no such message.")
    return int(seq)


def _read(membership: Membership, mark: ReadMark) -> events.ConversationRead:
    rows = Message.objects.filter(conversation=membership.conversation_id, seq=mark.up_to)
    [face] = people_of([membership.user_id]).values()
    return events.ConversationRead(
        conversation=membership.conversation_id,
        person=face.id,
        up_to=mark.up_to,
        message=rows.values_list("pk", flat=True).first(),
        at=mark.at,
        face=face,
    )


@action
def mute(user: Any, conversation: int, until: dt.datetime | None) -> Outcome:
    """Be notified of nothing here until then; None: be notified again. Raises NotFound, Invalid for a time without a zone."""
    until = _in_utc(until)
    with outbox() as publish:
        membership = _lock(key_of(user), conversation)
        if membership.muted_until == until:
            return Outcome(membership=membership)
        membership.muted_until = until
        membership.save(update_fields=["muted_until"])
        return Outcome(_tell_list(publish, membership), membership=membership)


def _in_utc(until: dt.datetime | None) -> dt.datetime | None:
    try:
        if until is None or until.tzinfo is not None:
            return until and until.astimezone(dt.UTC)
    except OverflowError:
        # On the other side of the first or the last year.
        pass
    raise invalid_value("until", "a time with its zone is needed")


def _lock(user: Any, conversation: int) -> Membership:
    """The person's place, locked: what their list is told of it comes in the order of what happened."""
    queries.present_membership(user, conversation)
    Membership.objects.select_for_update().filter(user=user, conversation=conversation).first()
    return queries.present_membership(user, conversation)


def _tell_list(publish: Publish, membership: Membership) -> Published:
    [entry] = queries.entries_of([membership])
    return publish(user_topic(membership.user_id), events.ConversationTouched(entry=entry))


def _is_notified(user: Any, conversation: int) -> bool:
    return Notification.objects.filter(user=user, group_key=group_of(conversation), is_read=False).exists()
