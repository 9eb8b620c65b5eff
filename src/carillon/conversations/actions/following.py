"""Following up: what a change means for the members' lists, and for those who are not looking (decision 0023).

Sending commits the message and its event; a conversation that is ahead of what its members were told is the work row of
the rest. However many messages came meanwhile, each member is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from carillon.conversations import events, queries
from carillon.conversations.actions.content import excerpt_of
from carillon.conversations.actions.marking import group_of
from carillon.conversations.actions.rows import store_told
from carillon.conversations.kinds import NEW_MESSAGE
from carillon.conversations.models import Conversation, Membership, Message
from carillon.notifications.actions.marking import read_group
from carillon.notifications.actions.renewing import Renewal, renew_each
from carillon.notifications.actions.sets import lock_inboxes
from carillon.notifications.content import Content
from carillon.notifications.models import Notification
from carillon.presence.queries import all_lookers
from carillon.realtime.outbox import Publish, action, outbox
from carillon.realtime.topic import user_topic

# They hold the inboxes of their people, and on SQLite the one lock of all writers: some 25 ms.
BATCH = 100
CONVERSATIONS = 100


@dataclass(frozen=True, slots=True)
class _Due:
    """A member who was not told how their conversation stands."""

    membership: int
    user: Any
    conversation: int


def follow_up(batch: int = BATCH) -> int:
    """Tell the next members who are behind; returns how many were told, or, where nobody was, how many conversations are done."""
    found = _due(batch)
    if not found:
        return _finish()
    looking = _looking(found)
    told = _tell(found, looking)
    _finish()
    return told


def _due(batch: int) -> list[_Due]:
    unfollowed = Conversation.objects.unfollowed().order_by("pk").values_list("pk", flat=True)[:CONVERSATIONS]
    behind = Membership.objects.filter(
        conversation__in=list(unfollowed), left_at__isnull=True, told__lt=F("conversation__version")
    )
    rows = behind.order_by("conversation", "pk").values_list("pk", "user", "conversation")[:batch]
    return [_Due(*row) for row in rows]


def _looking(found: Sequence[_Due]) -> set[tuple[int, Any]]:
    """Who of these has their conversation before their eyes; asked outside any transaction, for it may be another server."""
    there = all_lookers({group_of(each.conversation) for each in found})
    return {(each.conversation, each.user) for each in found if str(each.user) in there[group_of(each.conversation)]}


@action
def _tell(found: Sequence[_Due], looking: set[tuple[int, Any]]) -> int:
    with outbox() as publish:
        # Inboxes, rows, heads: the order of locks (decision 0013).
        lock_inboxes({each.user for each in found})
        memberships = _lock(found)
        if not memberships:
            return 0
        entries = dict(zip(memberships, queries.entries_of(memberships), strict=True))
        _settle(entries)
        _notify(publish, entries, looking)
        for membership, entry in entries.items():
            publish(user_topic(membership.user_id), events.ConversationTouched(entry=entry))
        store_told(
            [(each.pk, entry.conversation.version, entry.conversation.last_seq) for each, entry in entries.items()]
        )
    return len(memberships)


def _lock(found: Iterable[_Due]) -> list[Membership]:
    """Those who are still behind, locked; whom another runner is telling are left to it."""
    rows = Membership.objects.filter(pk__in=[each.membership for each in found], left_at__isnull=True)
    held = list(rows.order_by("pk").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    behind = Membership.objects.filter(pk__in=held, told__lt=F("conversation__version"))
    return list(behind.select_related("conversation", "mark").order_by("pk"))


def _settle(entries: dict[Membership, events.Entry]) -> None:
    """Who has read everything, for instance by answering, is notified of nothing any more."""
    done = {(each.user_id, group_of(each.conversation_id)) for each, entry in entries.items() if not entry.mine.unread}
    unread = Notification.objects.filter(
        user__in={user for user, _ in done}, group_key__in={group for _, group in done}, is_read=False
    )
    for user, group in done.intersection(unread.values_list("user", "group_key")):
        read_group(user, group)


def _newest(entries: dict[Membership, events.Entry]) -> dict[int, events.Message]:
    """The last thing that somebody said in each conversation: not a line about it, and not deleted."""
    found: dict[int, events.Message] = {}
    for membership, entry in entries.items():
        last = entry.last_message
        if last is None or membership.conversation_id in found:
            continue
        if last.kind == "system" or last.deleted_at is not None:
            said = Message.objects.filter(conversation=membership.conversation_id, system__isnull=True)
            row = said.filter(deleted_at__isnull=True).order_by("-seq").first()
            last = queries.states_of([row])[0] if row is not None else None
        if last is not None:
            found[membership.conversation_id] = last
    return found


def _notify(publish: Publish, entries: dict[Membership, events.Entry], looking: set[tuple[int, Any]]) -> None:
    now = timezone.now()
    said = queries.last_said({entry.conversation.id: entry.conversation.last_seq for entry in entries.values()})
    people: dict[tuple[int, int], list[Any]] = defaultdict(list)
    by_conversation: dict[int, events.Entry] = {}
    newest = _newest(entries)
    for membership, entry in entries.items():
        is_muted = membership.muted_until is not None and membership.muted_until > now
        is_looking = (membership.conversation_id, membership.user_id) in looking
        last = newest.get(membership.conversation_id)
        if not is_muted and not is_looking and last is not None and _is_news(membership, entry, last):
            count = _count(entry.mine, said[membership.conversation_id])
            people[(membership.conversation_id, count)].append(membership.user_id)
            by_conversation[membership.conversation_id] = entry
    renewals = [
        Renewal(users, _content(by_conversation[conversation].conversation, newest[conversation], count))
        for (conversation, count), users in people.items()
    ]
    if renewals:
        renew_each(publish, renewals)


def _is_news(membership: Membership, entry: events.Entry, last: events.Message) -> bool:
    """Whether something was said to this member that they have neither read nor been notified of."""
    is_own = last.sender is not None and last.sender.id == str(membership.user_id)
    return not is_own and last.seq > max(membership.notified_seq, entry.mine.read_up_to)


def _count(mine: events.Mine, said: Sequence[int]) -> int:
    """How many messages somebody has not read, without the lines between them where these can be told apart."""
    begun = max(mine.read_up_to, mine.visible_from)
    return mine.unread if mine.unread > queries.TOLD_APART else sum(seq > begun for seq in said)


def _content(conversation: events.Conversation, message: events.Message, count: int) -> Content:
    sender = message.sender
    face = {"id": "", "username": "", "name": "", "profile_picture": ""}
    if sender is not None:
        face = {"id": sender.id, "username": sender.username, "name": sender.name, "profile_picture": sender.avatar}
    return Content(
        kind=NEW_MESSAGE,
        params={
            "sender": face["name"],
            "title": conversation.title,
            "excerpt": excerpt_of(message.content),
            "count": count,
            "conversation": conversation.id,
        },
        actor=face["id"],
        group_key=group_of(conversation.id),
        message_id=str(message.id),
        data={
            "chat_room_id": conversation.id,
            "conversation_id": conversation.id,
            "count": count,
            "message": {
                "id": message.id,
                "conversation_id": conversation.id,
                "sender": face,
                "content": excerpt_of(message.content),
                "created_at": message.created_at.isoformat().replace("+00:00", "Z"),
            },
        },
    )


@action
def _finish() -> int:
    """Note of which conversations everybody was told, and return how many; nothing is lost where this is not reached."""
    if not Conversation.objects.unfollowed().exists():
        # The usual answer, for which no transaction is opened each second.
        return 0
    behind = Membership.objects.filter(conversation=OuterRef("pk"), left_at__isnull=True, told__lt=OuterRef("version"))
    with outbox():
        done = Conversation.objects.unfollowed().filter(~Exists(behind)).order_by("pk")[:CONVERSATIONS]
        keys = list(done.select_for_update(skip_locked=True).values_list("pk", flat=True))
        # Asked again now that nothing changes any more.
        return Conversation.objects.filter(~Exists(behind), pk__in=keys).update(followed=F("version"))
