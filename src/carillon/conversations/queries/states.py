"""States of conversations, members and messages, as events and snapshots carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from carillon.conversations import events
from carillon.conversations.models import Block, Conversation, Membership, Message, Reaction
from carillon.conversations.queries.places import is_key
from carillon.errors import NotFound
from carillon.people.queries import people_of
from carillon.realtime.identity import Person

# Of the others in a conversation, as many as a line of the list shows.
SHOWN = 3
# So many messages are counted one by one for a notification.
TOLD_APART = 20


def last_said(conversations: Mapping[int, int]) -> dict[int, list[int]]:
    """The numbers of what people said among the last TOLD_APART numbers of these conversations, given their last ones."""
    found: dict[int, list[int]] = {key: [] for key in conversations}
    wanted = [Q(conversation=key, seq__gt=last - TOLD_APART) for key, last in conversations.items()]
    if wanted:
        rows = Message.objects.filter(Q(*wanted, _connector=Q.OR), system__isnull=True)
        for conversation, seq in rows.values_list("conversation", "seq"):
            found[conversation].append(seq)
    return found


def others_of(conversations: Iterable[int], most: int = SHOWN + 1) -> dict[int, list[Any]]:
    """The keys of the first members of each conversation, oldest first."""
    rows = (
        Membership.objects.filter(conversation__in=list(conversations), left_at__isnull=True)
        .annotate(place=Window(RowNumber(), partition_by=[F("conversation")], order_by=F("pk").asc()))
        .filter(place__lte=most)
        .order_by("pk")
        .values_list("conversation", "user")
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for conversation, user in rows:
        found[conversation].append(user)
    return found


def reactions_of(messages: Iterable[int]) -> dict[int, list[events.Reactions]]:
    """The reactions under these messages, each emoji where it came first."""
    people: dict[int, dict[str, list[str]]] = defaultdict(dict)
    rows = Reaction.objects.filter(message__in=list(messages)).order_by("pk")
    for message, emoji, user in rows.values_list("message", "emoji", "user"):
        people[message].setdefault(emoji, []).append(str(user))
    return {
        message: [events.Reactions(emoji, len(given), given[: events.MOST_NAMED]) for emoji, given in by_emoji.items()]
        for message, by_emoji in people.items()
    }


def states_of(rows: Sequence[Message]) -> list[events.Message]:
    """Messages as every member sees them."""
    faces = people_of(events.people_in(rows))
    reactions = reactions_of(row.pk for row in rows) if rows else {}
    return [events.Message.of(row, faces, reactions.get(row.pk, ())) for row in rows]


def message_state(membership: Membership, message: int) -> events.Message:
    """One message, as a member may see it; raises NotFound."""
    rows = Message.objects.filter(conversation=membership.conversation_id, seq__gt=membership.visible_from)
    row = rows.filter(pk=message).first() if is_key(message) else None
    if row is None:
        raise NotFound("not_found", "There is no such message.")
    return states_of([row])[0]


def last_messages_of(conversations: Iterable[Conversation]) -> dict[int, events.Message]:
    """The newest message of each conversation, by its key."""
    wanted = [Q(conversation=each, seq=each.last_seq) for each in conversations if each.last_seq]
    if not wanted:
        return {}
    rows = list(Message.objects.filter(Q(*wanted, _connector=Q.OR)))
    return {state.conversation: state for state in states_of(rows)}


def entries_of(memberships: Sequence[Membership]) -> list[events.Entry]:
    """The lines of these members' lists, with a fixed number of statements for any number of them.

    They come with their conversation and mark (`memberships_of`).
    """
    conversations = {each.conversation_id: each.conversation for each in memberships}
    last = last_messages_of(conversations.values())
    others = others_of(conversations)
    faces = people_of({user for users in others.values() for user in users})
    blocked = _blocked(memberships, others)
    return [
        events.Entry(
            conversation=events.Conversation.of(each.conversation),
            people=_shown(each, others[each.conversation_id], faces),
            last_message=_visible(last.get(each.conversation_id), each),
            mine=mine_of(each, is_blocking=(each.conversation_id, each.user_id) in blocked),
            activity=each.conversation.activity,
        )
        for each in memberships
    ]


def mine_of(membership: Membership, *, is_blocking: bool = False) -> events.Mine:
    """What is a member's own in a conversation."""
    read_up_to = membership.mark.up_to
    return events.Mine(
        role=membership.role,  # type: ignore[arg-type]
        read_up_to=read_up_to,
        visible_from=membership.visible_from,
        unread=max(0, membership.conversation.last_seq - max(read_up_to, membership.visible_from)),
        is_mentioned=membership.mentioned_seq > max(read_up_to, membership.visible_from),
        muted_until=membership.muted_until,
        blocks=is_blocking,
    )


def members_of(conversation: int) -> list[events.Member]:
    """Everybody who is in a conversation, in the order in which they came."""
    rows = Membership.objects.filter(conversation=conversation, left_at__isnull=True).select_related("mark")
    # Who came back came later than those who stayed.
    return member_states(list(rows.order_by("joined_at", "pk")))


def member_states(rows: Sequence[Membership]) -> list[events.Member]:
    """Members as everybody in the conversation sees them; whose account is gone is left out."""
    faces = people_of({row.user_id for row in rows})
    return [
        events.Member(
            person=faces[str(row.user_id)],
            role=row.role,  # type: ignore[arg-type]
            joined_at=row.joined_at,
            read_up_to=row.mark.up_to,
            read_at=row.mark.at if row.mark.up_to else None,
        )
        for row in rows
        if str(row.user_id) in faces
    ]


def _blocked(memberships: Sequence[Membership], others: Mapping[int, Sequence[Any]]) -> set[tuple[int, Any]]:
    direct = [each for each in memberships if each.conversation.is_direct]
    if not direct:
        return set()
    people = {user for each in direct for user in others[each.conversation_id]}
    pairs = set(Block.objects.filter(by__in=people, person__in=people).values_list("by", "person"))
    return {
        (each.conversation_id, each.user_id)
        for each in direct
        if any((each.user_id, other) in pairs for other in others[each.conversation_id])
    }


def _shown(membership: Membership, users: Sequence[Any], faces: Mapping[str, Person]) -> list[Person]:
    shown = [faces[str(user)] for user in users if user != membership.user_id and str(user) in faces]
    return shown[:SHOWN]


def _visible(message: events.Message | None, membership: Membership) -> events.Message | None:
    return message if message is not None and message.seq > membership.visible_from else None
