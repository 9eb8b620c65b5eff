"""Who is in which conversation, and what they may see and say there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Q, QuerySet

from carillon.conversations.models import Block, Conversation, Membership, ReadMark
from carillon.errors import NotFound
from carillon.people.queries import key_from, keys_of, language_from, language_join
from carillon.realtime import log
from carillon.realtime.cursors import rows_of
from carillon.realtime.relation import among, chunks
from carillon.realtime.topic import Topic

_CONVERSATIONS, _MEMBERS = Conversation._meta.db_table, Membership._meta.db_table
_MARKS = ReadMark._meta.db_table


class Mark(msgspec.Struct, gc=False):
    """How far a member has read."""

    up_to: int


class Standing(msgspec.Struct):
    """How a conversation stands: what lines of lists need of it."""

    id: int
    kind: str
    title: str
    picture: str
    about: str
    created_at: dt.datetime
    activity: int
    last_seq: int
    member_count: int
    version: int

    @property
    def is_direct(self) -> bool:
        """Whether it is between two people."""
        return self.kind == "direct"


class Seat(msgspec.Struct):
    """What telling a member needs of their Membership: many are read, and a row of the ORM costs as much as a hundred of these."""

    pk: int
    user_id: Any
    conversation_id: int
    conversation: Standing
    role: str
    visible_from: int
    muted_until: dt.datetime | None
    notified_seq: int
    mentioned_seq: int
    mark: Mark
    language: str


def seats_behind(memberships: Mapping[int, int]) -> list[Seat]:
    """Those of these members, given with their conversations, who were not told how it stands, locked, in order.

    Whom another is telling are left out. A mark may be newer than the conversation beside it, never older.
    """
    connection = log.connection()
    ids = _locked(list(memberships))
    conversations = _standings(set(memberships.values()))
    spoken, profiles = language_join("member.user_id")
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks(ids):
        wanted, values = among(connection, "member.id", "bigint", chunk)
        rows += rows_of(
            connection,
            "SELECT member.told, member.id, member.user_id, member.conversation_id, member.role, member.visible_from,"  # noqa: S608
            f" member.muted_until, member.notified_seq, member.mentioned_seq, COALESCE(mark.up_to, 0), {spoken}"
            f" FROM {_MEMBERS} member LEFT JOIN {_MARKS} mark ON mark.membership_id = member.id{profiles}"
            f" WHERE {wanted} AND member.left_at IS NULL ORDER BY member.id",
            values,
        )
    as_time = times_of(connection)
    return [
        Seat(
            pk,
            key_from(user),
            conversation,
            conversations[conversation],
            role,
            visible_from,
            muted_until and as_time(muted_until),
            notified_seq,
            mentioned_seq,
            Mark(up_to),
            language_from(language),
        )
        for (
            told,
            pk,
            user,
            conversation,
            role,
            visible_from,
            muted_until,
            notified_seq,
            mentioned_seq,
            up_to,
            language,
        ) in rows
        if conversation in conversations and told < conversations[conversation].version
    ]


def _standings(conversations: Collection[int]) -> dict[int, Standing]:
    connection = log.connection()
    as_time = times_of(connection)
    found: dict[int, Standing] = {}
    for chunk in chunks(list(conversations)):
        wanted, values = among(connection, "id", "bigint", chunk)
        for row in rows_of(
            connection,
            "SELECT id, kind, title, picture, about, created_at, activity, last_seq, member_count, version"  # noqa: S608
            f" FROM {_CONVERSATIONS} WHERE {wanted}",
            values,
        ):
            found[row[0]] = stands = Standing(*row)
            stands.created_at = as_time(stands.created_at)
    return found


def _locked(memberships: Sequence[int]) -> Sequence[int]:
    connection = log.connection()
    if not connection.features.has_select_for_update:
        return memberships
    found: list[int] = []
    for chunk in chunks(memberships):
        wanted, values = among(connection, "id", "bigint", chunk)
        locked = rows_of(
            connection,
            f"SELECT id FROM {_MEMBERS} WHERE {wanted} ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",  # noqa: S608
            values,
        )
        found += (id for (id,) in locked)
    return found


def times_of(connection: BaseDatabaseWrapper) -> Callable[[Any], dt.datetime]:
    """What makes a time of what this database says for one."""
    field = Membership._meta.get_field("muted_until")
    expression = field.get_col(_MEMBERS)
    converters = connection.ops.get_db_converters(expression)

    def convert(value: Any) -> Any:
        for converter in converters:
            value = converter(value, expression, connection)
        return value

    return convert


def memberships_of(user: Any) -> QuerySet[Membership]:
    """The person's places in the conversations that they are in now."""
    rows = Membership.objects.filter(user=user, left_at__isnull=True)
    return rows.select_related("conversation", "mark")


def membership_of(user: Any, conversation: int) -> Membership | None:
    """The person's place in a conversation; None for who is not in it now, or where there is none."""
    key = next(keys_of([user]), None)
    return (
        None
        if key is None or not is_key(conversation)
        else memberships_of(key).filter(conversation=conversation).first()
    )


def is_key(number: int) -> bool:
    """Whether a database could have given this number to a row."""
    return 0 < number < 2**63


def present_membership(user: Any, conversation: int) -> Membership:
    """The same; raises NotFound, which says no more to strangers than to members of nothing."""
    found = membership_of(user, conversation)
    if found is None:
        raise not_found()
    return found


def not_found() -> NotFound:
    """What is said of a conversation that is not there for somebody."""
    return NotFound("not_found", "There is no such conversation.")


def visible_offset_of(membership: Membership) -> int:
    """The offset up to which events are hidden from a member.

    Who was added in a host's transaction gets it when it is first asked for: where the log stands now.
    """
    if membership.visible_offset is None:
        head = log.head(Topic("conversation", str(membership.conversation_id))).offset
        unknown = Membership.objects.filter(pk=membership.pk, visible_offset__isnull=True)
        unknown.update(visible_offset=head)
        membership.refresh_from_db(fields=["visible_offset"])
    return membership.visible_offset or 0


def hidden_from(conversation: int) -> int:
    """The number up to which messages are hidden from somebody who is in a conversation now."""
    rows = Membership.objects.filter(conversation=conversation, left_at__isnull=True)
    return int(rows.aggregate(last=Max("visible_from"))["last"] or 0)


def user_key(person: str) -> Any:
    """A person's key as the user model has it."""
    return get_user_model()._meta.pk.to_python(person)


def is_blocked_between(one: Any, other: Any) -> bool:
    """Whether either of two people blocks the other."""
    return Block.objects.filter(Q(by=one, person=other) | Q(by=other, person=one)).exists()


def blocks_other(membership: Membership) -> bool:
    """Whether the member of a direct conversation blocks the other one."""
    if not membership.conversation.is_direct:
        return False
    others = Membership.objects.filter(conversation=membership.conversation_id).exclude(user=membership.user_id)
    return Block.objects.filter(by=membership.user_id, person__in=others.values("user")).exists()


def sharing(viewer: str, people: Collection[str]) -> set[str]:
    """Those of these people who are in a conversation with this one, where neither blocks the other."""
    me = next(keys_of([viewer]), None)
    if me is None:
        return set()
    mine = Membership.objects.filter(user=me, left_at__isnull=True).values("conversation")
    wanted = Membership.objects.filter(conversation__in=mine, user__in=list(keys_of(people)), left_at__isnull=True)
    apart = Block.objects.filter(Q(by=me) | Q(person=me)).values_list("by", "person")
    return {str(key) for key in wanted.values_list("user", flat=True)} - {str(key) for pair in apart for key in pair}


def people_by_conversation(conversations: Collection[int]) -> dict[str, list[str]]:
    """The keys of those who are in these conversations now, as text; a conversation of two who are blocked has nobody."""
    found: dict[str, list[str]] = {str(key): [] for key in conversations}
    rows = Membership.objects.filter(conversation__in=list(conversations), left_at__isnull=True)
    for conversation, user in rows.values_list("conversation", "user"):
        found[str(conversation)].append(str(user))
    for conversation in _blocked_direct(conversations):
        found[str(conversation)] = []
    return found


def _blocked_direct(conversations: Collection[int]) -> set[int]:
    """The direct ones of these conversations in which one blocks the other."""
    pairs = Membership.objects.filter(conversation__in=list(conversations), conversation__kind="direct")
    people: dict[int, set[Any]] = defaultdict(set)
    for conversation, user in pairs.values_list("conversation", "user"):
        people[conversation].add(user)
    everybody = {user for both in people.values() for user in both}
    apart = set(Block.objects.filter(by__in=everybody, person__in=everybody).values_list("by", "person"))
    return {
        conversation
        for conversation, both in people.items()
        if any((one, other) in apart for one in both for other in both)
    }
