"""States of conversations, members and messages, as events and snapshots carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model

from carillon.conversations import events
from carillon.conversations.models import Block, Conversation, Membership, Message, Reaction
from carillon.conversations.queries.places import Seat, is_key
from carillon.errors import NotFound
from carillon.people.queries import face_joins, faces_joined, people_of
from carillon.realtime import log
from carillon.realtime.identity import Person
from carillon.realtime.relation import among, chunks, relation

# Of the others in a conversation, as many as a line of the list shows.
SHOWN = 3
# So many messages are counted one by one for a notification.
TOLD_APART = 20
_MEMBERS, _MESSAGES, _REACTIONS = Membership._meta.db_table, Message._meta.db_table, Reaction._meta.db_table


def system_lines_of(conversations: Mapping[int, int]) -> dict[int, list[int]]:
    """The numbers of the lines about it among the last TOLD_APART of each conversation, given their last ones; where there are any."""
    connection = log.connection()
    found: dict[int, list[int]] = defaultdict(list)
    for chunk in chunks(list(conversations.items())):
        given, values = relation(connection, "given", ("bigint", "bigint"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT line.conversation_id, line.seq FROM {given} JOIN {_MESSAGES} line"  # noqa: S608
                f" ON line.conversation_id = given.column1 AND line.seq > given.column2 - {TOLD_APART}"
                " WHERE line.system IS NOT NULL",
                values,
            )
            for conversation, seq in cursor.fetchall():
                found[conversation].append(seq)
    return found


def others_of(
    conversations: Collection[int], most: int = SHOWN + 1
) -> tuple[dict[int, list[Any]], Mapping[Any, Person]]:
    """The keys of the first members of each conversation, oldest first, and their faces by these keys."""
    connection, key = log.connection(), get_user_model()._meta.pk
    columns, joins = face_joins("seat.user_id")
    found: dict[int, list[Any]] = defaultdict(list)
    faces: dict[Any, Sequence[Any]] = {}
    for chunk in chunks(list(conversations)):
        wanted, values = among(connection, "conversation_id", "bigint", chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT seat.conversation_id, seat.user_id{columns} FROM (SELECT id, conversation_id, user_id,"  # noqa: S608
                f" ROW_NUMBER() OVER (PARTITION BY conversation_id ORDER BY id) AS place FROM {_MEMBERS}"
                f" WHERE {wanted} AND left_at IS NULL) seat{joins} WHERE seat.place <= {most} ORDER BY seat.id",
                values,
            )
            for conversation, user, *face in cursor.fetchall():
                found[conversation].append(key.to_python(user))
                faces[user] = face
    return found, {key.to_python(user): face for user, face in faces_joined(faces).items()}


def reactions_of(messages: Iterable[int]) -> dict[int, list[events.Reactions]]:
    """The reactions under these messages, each emoji where it came first."""
    connection = log.connection()
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks(list(messages)):
        wanted, values = among(connection, "message_id", "bigint", chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT message_id, emoji, user_id FROM {_REACTIONS} WHERE {wanted} ORDER BY id",  # noqa: S608
                values,
            )
            rows += cursor.fetchall()
    key = get_user_model()._meta.pk
    people: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for message, emoji, user in rows:
        people[message].setdefault(emoji, []).append(str(key.to_python(user)))
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
    connection = log.connection()
    rows: list[Message] = []
    for chunk in chunks([(each.pk, each.last_seq) for each in conversations if each.last_seq]):
        given, values = relation(connection, "given", ("bigint", "bigint"), chunk)
        rows += Message.objects.raw(
            f"SELECT said.* FROM {given} JOIN {_MESSAGES} said"  # noqa: S608
            " ON said.conversation_id = given.column1 AND said.seq = given.column2",
            values,
            using=connection.alias,
        )
    return {state.conversation: state for state in states_of(rows)}


def entries_of(memberships: Sequence[Membership | Seat]) -> list[events.Entry]:
    """The lines of these members' lists, with a fixed number of statements for any number of them.

    They come with their conversation and mark (`memberships_of`).
    """
    conversations = {each.conversation_id: each.conversation for each in memberships}
    states = {key: events.Conversation.of(each) for key, each in conversations.items()}
    last = last_messages_of(conversations.values())
    others, faces = others_of(conversations)
    blocked = _blocked(memberships, others)
    return [
        events.Entry(
            conversation=states[each.conversation_id],
            people=_shown(each, others[each.conversation_id], faces),
            last_message=_visible(last.get(each.conversation_id), each),
            mine=mine_of(each, is_blocking=(each.conversation_id, each.user_id) in blocked),
            activity=each.conversation.activity,
        )
        for each in memberships
    ]


def mine_of(membership: Membership | Seat, *, is_blocking: bool = False) -> events.Mine:
    """What is a member's own in a conversation."""
    read_up_to = membership.mark.up_to
    begun = max(read_up_to, membership.visible_from)
    return events.Mine(
        role=membership.role,  # type: ignore[arg-type]
        read_up_to=read_up_to,
        visible_from=membership.visible_from,
        unread=max(0, membership.conversation.last_seq - begun),
        is_mentioned=membership.mentioned_seq > begun,
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


def _blocked(memberships: Sequence[Membership | Seat], others: Mapping[int, Sequence[Any]]) -> set[tuple[int, Any]]:
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


def _shown(membership: Membership | Seat, users: Sequence[Any], faces: Mapping[Any, Person]) -> list[Person]:
    shown = [faces[user] for user in users if user != membership.user_id and user in faces]
    return shown[:SHOWN]


def _visible(message: events.Message | None, membership: Membership | Seat) -> events.Message | None:
    return message if message is not None and message.seq > membership.visible_from else None
