"""Departing: members whose accounts are deleted, and a look whether conversations count those who are left."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import msgspec
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from carillon.conversations import events
from carillon.conversations.actions.members import find_heir, tell_gone
from carillon.conversations.actions.noting import touch
from carillon.conversations.models import Conversation, Membership, Message
from carillon.conversations.topics import topic_of
from carillon.notifications.actions.sets import hold
from carillon.presence import visibility
from carillon.realtime.identity import Person
from carillon.realtime.outbox import action, outbox

logger = logging.getLogger(__name__)

# So many are looked at within some milliseconds.
BATCH = 1000
_PRESENT = Count("memberships", filter=Q(memberships__left_at__isnull=True))


@action
def depart(user: Any) -> int:
    """End every membership of an account that is about to be deleted, tell who is left, and return how many there were.

    No line says so: the name goes with the account, also off what quotes them and off the lines about them. A direct
    conversation stays with the other, and nobody who gets the same key later comes into it.
    """
    with outbox() as publish:
        # Before any conversation, as whoever leaves one does; also where the notifications are asked after us.
        hold(user)
        places = Membership.objects.filter(user=user, left_at__isnull=True)
        roles = dict(places.values_list("conversation", "role"))
        # Those that they had left too: nobody changes a quote there meanwhile.
        known = Membership.objects.filter(user=user).values("conversation")
        rows = Conversation.objects.filter(pk__in=known).order_by("pk").select_for_update()
        found = [row for row in rows if row.pk in roles]
        _take_off_name(user)
        places.filter(conversation__in=found).delete()
        for row in found:
            row.member_count -= 1
            row.direct_key = None
            touch(publish, row)
            tell_gone(publish, row, user)
            if roles[row.pk] == "owner":
                find_heir(publish, row)
        if found:
            visibility.changed([user], [str(topic_of(row.pk)) for row in found])
    return len(found)


def _take_off_name(user: Any) -> None:
    """Of who is quoted and of who did something nobody is left; among those to whom it was done, somebody without a name."""
    gone, nobody = str(user), Person("", "")
    quotes = list(Message.objects.filter(reply_to__sender=user, quote__isnull=False).only("quote"))
    for row in quotes:
        quote = msgspec.convert(row.quote, events.Quote)
        row.quote = msgspec.to_builtins(msgspec.structs.replace(quote, sender=None))
    lines = []
    for row in Message.objects.filter(conversation__memberships__user=user, system__isnull=False).only("system"):
        line = msgspec.convert(row.system, events.System)
        actor = None if line.actor is not None and line.actor.id == gone else line.actor
        people = [nobody if person.id == gone else person for person in line.people]
        if (actor, people) != (line.actor, line.people):
            row.system = msgspec.to_builtins(msgspec.structs.replace(line, actor=actor, people=people))
            lines.append(row)
    Message.objects.bulk_update(quotes, ["quote"], batch_size=BATCH)
    Message.objects.bulk_update(lines, ["system"], batch_size=BATCH)


def reconcile(now: dt.datetime | None = None, batch: int = BATCH) -> int:
    """Compare the counts of members of some conversations with their rows, and correct and report what drifted; returns how many.

    The clock says which are due: each minute the next `batch` keys, and after the last ones the first again.
    """
    last = Conversation.objects.aggregate(last=Max("pk"))["last"] or 0
    begin = int((now or timezone.now()).timestamp() // 60) % (last // batch + 1) * batch
    due = Conversation.objects.filter(pk__gt=begin, pk__lte=begin + batch).annotate(present=_PRESENT)
    drifted = due.exclude(member_count=F("present")).values_list("pk", flat=True)
    return sum(recount(key) for key in sorted(drifted))


@action
def recount(conversation: int) -> bool:
    """Count the members of a conversation anew under lock; says, logs and announces whether the count had drifted.

    It has where rows were deleted behind our back. Whose they were, nobody can tell any more.
    """
    with outbox() as publish:
        row = Conversation.objects.select_for_update().get(pk=conversation)
        before = row.member_count
        row.member_count = Membership.objects.filter(conversation=row, left_at__isnull=True).count()
        if row.member_count == before:
            return False
        logger.warning("conversation %s counted %s members, corrected to %s", row.pk, before, row.member_count)
        if not row.is_direct:
            find_heir(publish, row)
        elif row.member_count < 2:
            row.direct_key = None
        touch(publish, row)
        publish(topic_of(row.pk), events.ConversationUpdated(conversation=events.Conversation.of(row)))
    return True
