"""States of conversations, members and messages, as events and snapshots carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import msgspec
from django.contrib.auth import get_user_model

from carillon.conversations import events
from carillon.conversations.models import Block, Membership, Message
from carillon.conversations.queries.messages import last_messages_of, reactions_of
from carillon.conversations.queries.places import Seat, is_key
from carillon.errors import NotFound
from carillon.people.queries import face_joins, faces_joined, people_of
from carillon.realtime import log
from carillon.realtime.cursors import rows_of
from carillon.realtime.event import encode_json
from carillon.realtime.identity import Person
from carillon.realtime.relation import among, chunks

# Of the others in a conversation, as many as a line of the list shows.
SHOWN = 3
_MEMBERS = Membership._meta.db_table


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
        for conversation, user, *face in rows_of(
            connection,
            f"SELECT seat.conversation_id, seat.user_id{columns} FROM (SELECT id, conversation_id, user_id,"  # noqa: S608
            f" ROW_NUMBER() OVER (PARTITION BY conversation_id ORDER BY id) AS place FROM {_MEMBERS}"
            f" WHERE {wanted} AND left_at IS NULL) seat{joins} WHERE seat.place <= {most} ORDER BY seat.id",
            values,
        ):
            found[conversation].append(key.to_python(user))
            faces[user] = face
    return found, {key.to_python(user): face for user, face in faces_joined(faces).items()}


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


class Lines:
    """What the members of these conversations share of the lines of their lists, and whom each of them sees there."""

    def __init__(self, memberships: Sequence[Membership | Seat]) -> None:
        """Read it, with a fixed number of statements for any number of members, who come with their conversation and mark."""
        conversations = {each.conversation_id: each.conversation for each in memberships}
        self.states = {key: events.Conversation.of(cast(Any, each)) for key, each in conversations.items()}
        self.newest = last_messages_of(conversations.values())
        self._others, self._faces = others_of(conversations)
        self._blocked = _blocked(memberships, self._others)
        self._encoded: dict[int, tuple[Any, Any]] = {}
        self._people: dict[tuple[int, Any], Any] = {}

    def mine(self, membership: Membership | Seat) -> events.Mine:
        """What is a member's own."""
        return mine_of(membership, is_blocking=(membership.conversation_id, membership.user_id) in self._blocked)

    def last_message(self, membership: Membership | Seat) -> events.Message | None:
        """The newest message, unless it is hidden from this member."""
        message = self.newest.get(membership.conversation_id)
        return message if message is not None and message.seq > membership.visible_from else None

    def touched(self, seat: Seat, mine: events.Mine) -> events.ConversationTouched:
        """The line of a member as they are told of it; what they share with others is encoded once."""
        key, user = seat.conversation_id, seat.user_id
        if key not in self._encoded:
            self._encoded[key] = (_raw(self.states[key]), _raw(self.newest.get(key)))
        conversation, last = self._encoded[key]
        viewer = (key, user if user in self._others[key] else None)
        if viewer not in self._people:
            self._people[viewer] = _raw(self.shown(seat))
        entry = events.Entry(
            conversation=conversation,
            people=self._people[viewer],
            last_message=last if self.last_message(seat) is not None else None,
            mine=mine,
            activity=seat.conversation.activity,
        )
        return events.ConversationTouched(entry=entry)

    def shown(self, membership: Membership | Seat) -> list[Person]:
        """Some of the others."""
        users, faces = self._others[membership.conversation_id], self._faces
        return [faces[user] for user in users if user != membership.user_id and user in faces][:SHOWN]


def _raw(state: Any) -> Any:
    """A state that is encoded already, in place of it in a fact."""
    return msgspec.Raw(encode_json(state))


def entries_of(memberships: Sequence[Membership]) -> list[events.Entry]:
    """The lines of these members' lists, with a fixed number of statements for any number of them.

    They come with their conversation and mark (`memberships_of`).
    """
    lines = Lines(memberships)
    return [
        events.Entry(
            conversation=lines.states[each.conversation_id],
            people=lines.shown(each),
            last_message=lines.last_message(each),
            mine=lines.mine(each),
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
