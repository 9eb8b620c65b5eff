"""Following up: what a change means for the members' lists, and for those who are not looking (decision 0023).

Sending commits the message and its event; a conversation that is ahead of what its members were told is the work row of
the rest. However many messages came meanwhile, each member is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.utils import timezone

from carillon.conversations import events, queries
from carillon.conversations.actions.content import excerpt_of
from carillon.conversations.actions.marking import group_of
from carillon.conversations.actions.rows import store_told
from carillon.conversations.kinds import NEW_MESSAGE
from carillon.conversations.models import Conversation, Membership, Message
from carillon.notifications.actions.marking import read_group
from carillon.notifications.actions.renewing import Known, Renewal, renew_each, settle_groups, unread_of
from carillon.notifications.actions.sets import Counters, lock_and_look, lock_inboxes
from carillon.notifications.content import Content
from carillon.presence.queries import all_lookers
from carillon.realtime import log
from carillon.realtime.outbox import Publish, action, outbox
from carillon.realtime.relation import among
from carillon.realtime.topic import user_topic

_CONVERSATIONS, _MEMBERS = Conversation._meta.db_table, Membership._meta.db_table
# They hold the inboxes of their people, and on SQLite the one lock of all writers: some 25 ms.
BATCH = 250
CONVERSATIONS = 100


# A member, and what is their own.
_Told = tuple[queries.Seat, events.Mine]


class _Due(msgspec.Struct, frozen=True):
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
    return _tell(found, looking)


def _due(batch: int) -> list[_Due]:
    connection, key = log.connection(), get_user_model()._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT member.id, member.user_id, member.conversation_id FROM (SELECT id, version FROM {_CONVERSATIONS}"  # noqa: S608
            f" WHERE is_due ORDER BY id LIMIT {CONVERSATIONS}) place JOIN {_MEMBERS} member"
            " ON member.conversation_id = place.id AND member.left_at IS NULL AND member.told < place.version"
            " ORDER BY member.conversation_id, member.id LIMIT %s",
            [batch],
        )
        return [_Due(id, key.to_python(user), conversation) for id, user, conversation in cursor.fetchall()]


def _looking(found: Sequence[_Due]) -> set[tuple[int, Any]]:
    """Who of these has their conversation before their eyes; asked outside any transaction, for it may be another server."""
    there = all_lookers({group_of(each.conversation) for each in found})
    return {(each.conversation, each.user) for each in found if str(each.user) in there[group_of(each.conversation)]}


@action
def _tell(found: Sequence[_Due], looking: set[tuple[int, Any]]) -> int:
    with outbox() as publish:
        # Inboxes, rows, heads: the order of locks (decision 0013).
        inboxes, is_waiting = lock_and_look({each.user for each in found})
        seats = queries.seats_behind({each.membership: each.conversation for each in found})
        if not seats:
            return 0
        lines = queries.Lines(seats)
        told = [(seat, lines.mine(seat)) for seat in seats]
        _notify(publish, lines, told, looking, inboxes, is_waiting)
        for seat, mine in told:
            publish(user_topic(seat.user_id), lines.touched(seat, mine))
        store_told([(seat.pk, seat.conversation.version, seat.conversation.last_seq) for seat in seats])
        _note_done()
    return len(seats)


def _notify(
    publish: Publish,
    lines: queries.Lines,
    told: Sequence[_Told],
    looking: set[tuple[int, Any]],
    inboxes: dict[Any, Counters],
    is_waiting: bool,
) -> None:
    """Who has read everything, for instance by answering, is notified of nothing any more; the others of what is news to them."""
    done = {(seat.user_id, group_of(seat.conversation_id)) for seat, mine in told if not mine.unread}
    newest = _newest(lines, told)
    renewals = _renewals(lines, newest, told, looking)
    pairs = done.union((user, each.content.group_key) for each in renewals for user in each.people)
    if is_waiting:
        settle_groups(publish, inboxes, {group for _, group in pairs})
    unread = unread_of(pairs, is_settled=is_waiting)
    read = unread.groups & done
    for user, group in read:
        # These rows are locked; others that became unread since would be waited for out of order.
        read_group(user, group, skip_locked=True)
        unread.kept.pop((user, group), None)
    if read:
        inboxes = lock_inboxes(inboxes)
    faces = {message.sender.id: message.sender for message in newest.values() if message.sender is not None}
    languages = {seat.user_id: seat.language for seat, _ in told}
    renew_each(publish, renewals, Known(inboxes, languages, unread, faces))


def _newest(lines: queries.Lines, told: Sequence[_Told]) -> dict[int, events.Message]:
    """The last thing that somebody said in each conversation: not a line about it, and not deleted."""
    found: dict[int, events.Message] = {}
    for seat, _ in told:
        key = seat.conversation_id
        last = None if key in found else lines.last_message(seat)
        if last is None:
            continue
        if last.kind == "system" or last.deleted_at is not None:
            said = Message.objects.filter(conversation=key, system__isnull=True)
            row = said.filter(deleted_at__isnull=True).order_by("-seq").first()
            last = queries.states_of([row])[0] if row is not None else None
        if last is not None:
            found[key] = last
    return found


def _renewals(
    lines: queries.Lines, newest: Mapping[int, events.Message], told: Sequence[_Told], looking: set[tuple[int, Any]]
) -> list[Renewal]:
    """What is news, by conversation and by how many messages it is to somebody."""
    now = timezone.now()
    news = [
        (seat, mine)
        for seat, mine in told
        if (last := newest.get(seat.conversation_id)) is not None
        and (seat.muted_until is None or seat.muted_until <= now)
        and (seat.conversation_id, seat.user_id) not in looking
        and _is_news(seat, mine, last)
    ]
    between = queries.system_lines_of(
        {
            seat.conversation_id: seat.conversation.last_seq
            for seat, mine in news
            if _may_count_lines(mine, newest[seat.conversation_id], seat.conversation.last_seq)
        }
    )
    people: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for seat, mine in news:
        key = seat.conversation_id
        people[(key, _count(mine, between.get(key, ())))].append(seat.user_id)
    return [Renewal(users, _content(lines.states[key], newest[key], count)) for (key, count), users in people.items()]


def _is_news(seat: queries.Seat, mine: events.Mine, last: events.Message) -> bool:
    """Whether something was said to this member that they have neither read nor been notified of."""
    is_own = last.sender is not None and last.sender.id == str(seat.user_id)
    return not is_own and last.seq > max(seat.notified_seq, mine.read_up_to)


def _may_count_lines(mine: events.Mine, last: events.Message, last_seq: int) -> bool:
    """Whether there may be lines between the messages that somebody has not read, and they can be told apart."""
    is_only_one = mine.unread == 1 and last.seq == last_seq
    return mine.unread <= queries.TOLD_APART and not is_only_one


def _count(mine: events.Mine, lines: Sequence[int]) -> int:
    """How many messages somebody has not read, without the lines between them where these can be told apart."""
    begun = max(mine.read_up_to, mine.visible_from)
    return mine.unread if mine.unread > queries.TOLD_APART else mine.unread - sum(seq > begun for seq in lines)


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
    with outbox():
        return _note_done()


def _note_done() -> int:
    """The same in a transaction; it waits for no lock, so that it may come after any other."""
    connection = log.connection()
    behind = (
        f"SELECT 1 FROM {_MEMBERS} member WHERE member.conversation_id = {_CONVERSATIONS}.id AND member.left_at IS NULL"  # noqa: S608
    )
    undone = f"is_due AND NOT EXISTS ({behind} AND member.told < {_CONVERSATIONS}.version)"
    with connection.cursor() as cursor:
        lock = " FOR NO KEY UPDATE SKIP LOCKED" if connection.features.has_select_for_update else ""
        cursor.execute(
            f"SELECT id FROM {_CONVERSATIONS} WHERE {undone} ORDER BY id LIMIT {CONVERSATIONS}{lock}"  # noqa: S608
        )
        keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return 0
        wanted, values = among(connection, "id", "bigint", keys)
        # Asked again now that nothing changes any more.
        cursor.execute(f"UPDATE {_CONVERSATIONS} SET is_due = false WHERE {wanted} AND {undone}", values)  # noqa: S608
        return int(cursor.rowcount)
