"""Members: who comes into a conversation, who leaves or is sent away, and what they may do in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils import timezone

from carillon.conversations import contacts, events, queries
from carillon.conversations.actions.locking import lock
from carillon.conversations.actions.marking import group_of
from carillon.conversations.actions.noting import note, touch
from carillon.conversations.actions.outcome import Outcome, key_of
from carillon.conversations.models import ROLES, Conversation, Membership, ReadMark
from carillon.conversations.topics import topic_of
from carillon.errors import Conflict, NotAllowed, NotFound, TooMany, invalid_value
from carillon.notifications import actions as notifications
from carillon.people.queries import keys_of, people_of
from carillon.presence import visibility
from carillon.realtime.outbox import Publish, Published, action, outbox
from carillon.realtime.topic import user_topic

MOST_MEMBERS = 1000


def check_count(count: int) -> None:
    """Raise TooMany for more people than a conversation may have."""
    if count > MOST_MEMBERS:
        raise TooMany("quota_exceeded", f"At most {MOST_MEMBERS} people in a conversation.")


def enter(publish: Publish, conversation: Conversation, people: Sequence[Any], roles: Mapping[Any, str]) -> None:
    """Make these people members of a locked conversation, and tell those who are; the caller saves it.

    They hear what is announced from now on, and in a room see what was said before; who comes back sees nothing of the
    time between.
    """
    visible_from = 0 if conversation.kind != "group" else conversation.last_seq
    now = timezone.now()
    former = {row.user_id: row for row in Membership.objects.filter(conversation=conversation, user__in=people)}
    rows = []
    for key in people:
        row = former.get(key) or Membership(conversation=conversation, user_id=key)
        row.visible_from = conversation.last_seq if key in former else visible_from
        row.role, row.joined_at, row.left_at, row.visible_offset = roles.get(key, "member"), now, None, None
        row.muted_until = None
        row.save()
        rows.append(row)
    ReadMark.objects.bulk_create([ReadMark(membership=row, up_to=0, at=now) for row in rows], ignore_conflicts=True)
    # What was said before somebody came is not unread for them.
    ReadMark.objects.filter(membership__in=rows).update(up_to=conversation.last_seq, at=now)
    conversation.member_count += len(rows)
    conversation.advance()
    members = queries.member_states(
        list(Membership.objects.filter(pk__in=[r.pk for r in rows]).select_related("mark").order_by("pk"))
    )
    state = events.Conversation.of(conversation)
    told = publish(topic_of(conversation.pk), events.MemberJoined(members=members, conversation=state))
    visibility.changed(people, [str(topic_of(conversation.pk))])
    _see_from(publish, rows, told)


def _see_from(publish: Publish, rows: Sequence[Membership], told: Published) -> None:
    """Hide from new members every event before the one that tells of them; in a host's transaction it is not known yet."""

    def note_offset() -> None:
        if told.position is not None:
            Membership.objects.filter(pk__in=[row.pk for row in rows]).update(visible_offset=told.position.offset - 1)

    publish.before_commit(note_offset)


@action
def add_members(user: Any, conversation: int, people: Iterable[Any], *, check: bool = True) -> Outcome:
    """Bring people into a group or a room; who is in it already is passed over.

    Raises NotFound for the conversation and for people who do not exist or may not be written to, NotAllowed in a room for
    who does not run it, Conflict for a direct conversation, TooMany beyond MOST_MEMBERS.
    """
    with outbox() as publish:
        membership = lock(user, conversation)
        row = membership.conversation
        if row.is_direct:
            raise Conflict("conflict", "Two people are in a direct conversation, and stay two.")
        if row.kind == "room" and membership.role == "member":
            raise NotAllowed("forbidden", "Only who runs this room can bring people in.")
        keys = contacts.chosen(membership.user_id, people, check=check)
        present = Membership.objects.filter(conversation=row, user__in=keys, left_at__isnull=True)
        inside = set(present.values_list("user", flat=True))
        new = [key for key in keys if key not in inside]
        if not new:
            return Outcome(conversation=row)
        check_count(row.member_count + len(new))
        enter(publish, row, new, roles={})
        told = _note_people(publish, row, membership.user_id, "member_added", new)
        return Outcome(told, conversation=row)


@action
def remove_member(user: Any, conversation: int, person: Any) -> Outcome:
    """Send somebody away, as owner or admin; they hear nothing of what follows.

    Raises NotFound, also for who is not in it, NotAllowed for members and towards owners, Conflict for a direct conversation.
    """
    with outbox() as publish:
        key = next(keys_of([key_of(person)]), None)
        # Who is not in it must not learn from the time it takes whether the person was told of it.
        queries.present_membership(key_of(user), conversation)
        _settle_inbox(publish, key, conversation)
        membership = lock(user, conversation)
        row = membership.conversation
        gone = _other(row, key)
        if membership.role == "member" or (gone.role == "owner" and membership.role != "owner"):
            raise NotAllowed("forbidden", "Only who runs this conversation can send people away.")
        if gone.user_id == membership.user_id:
            raise Conflict("conflict", "Leave the conversation instead.")
        return Outcome(_go(publish, row, gone, membership.user_id, "member_removed"), conversation=row)


@action
def leave(user: Any, conversation: int) -> Outcome:
    """Leave a group or a room. When its last owner leaves, the admin, else the member, who has been in it longest is the next one.

    Raises NotFound, Conflict for a direct conversation, which is muted or blocked instead.
    """
    with outbox() as publish:
        _settle_inbox(publish, key_of(user), conversation)
        membership = lock(user, conversation)
        row = membership.conversation
        if row.is_direct:
            raise Conflict("conflict", "A direct conversation cannot be left; mute it, or block the person.")
        told = _go(publish, row, membership, membership.user_id, "member_left")
        if membership.role == "owner":
            find_heir(publish, row)
        return Outcome(told, conversation=row)


def find_heir(publish: Publish, conversation: Conversation) -> None:
    """Where nobody owns a locked conversation, the admin, else the member, who has been in it longest does from now on."""
    others = Membership.objects.filter(conversation=conversation, left_at__isnull=True).order_by("pk")
    if others.filter(role="owner").exists():
        return
    heir = others.filter(role="admin").first() or others.first()
    if heir is not None:
        _set_role(publish, heir, "owner")


@action
def set_role(user: Any, conversation: int, person: Any, role: str) -> Outcome:
    """Make a member owner, admin or member; only owners can, and the last one stays one.

    Raises NotFound, NotAllowed, Invalid for what is no role, Conflict for the last owner and in a direct conversation.
    """
    if role not in ROLES:
        raise invalid_value("role", f"one of {', '.join(ROLES)} is needed")
    with outbox() as publish:
        membership = lock(user, conversation)
        row = membership.conversation
        other = _other(row, next(keys_of([key_of(person)]), None))
        if membership.role != "owner":
            raise NotAllowed("forbidden", "Only owners can give roles.")
        if other.role == role:
            return Outcome(conversation=row)
        owners = Membership.objects.filter(conversation=row, left_at__isnull=True, role="owner")
        if other.role == "owner" and owners.count() == 1:
            raise Conflict("conflict", "A conversation needs an owner; make somebody else one first.")
        told = _set_role(publish, other, role)
        touch(publish, row)
        return Outcome(told, conversation=row)


def _set_role(publish: Publish, membership: Membership, role: str) -> Published:
    membership.role = role
    membership.save(update_fields=["role"])
    [state] = queries.member_states([membership])
    return publish(topic_of(membership.conversation_id), events.MemberChanged(member=state))


def _other(row: Conversation, key: Any) -> Membership:
    if row.is_direct:
        raise Conflict("conflict", "Two people are in a direct conversation, and stay two.")
    found = None if key is None else queries.membership_of(key, row.pk)
    if found is None:
        raise NotFound("not_found", "There is nobody like that in this conversation.")
    return found


def _go(publish: Publish, row: Conversation, gone: Membership, actor: Any, what: Any) -> Published:
    """End a membership in a locked conversation: a line says so, then the event that cuts who is gone."""
    gone.left_at = timezone.now()
    gone.save(update_fields=["left_at"])
    row.member_count -= 1
    _note_people(publish, row, actor, what, [gone.user_id])
    told = tell_gone(publish, row, gone.user_id)
    publish(user_topic(gone.user_id), events.ConversationGone(conversation=row.pk))
    visibility.changed([gone.user_id], [str(topic_of(row.pk))])
    return told


def tell_gone(publish: Publish, conversation: Conversation, key: Any) -> Published:
    """Tell those who are in a conversation that somebody is not any more, who hears nothing after it."""
    told = events.MemberLeft(people=[str(key)], conversation=events.Conversation.of(conversation))
    return publish(topic_of(conversation.pk), told, revokes=[str(key)])


def _note_people(publish: Publish, row: Conversation, actor: Any, what: Any, keys: Sequence[Any]) -> Published:
    faces = people_of([actor, *keys])
    people = [faces[str(key)] for key in keys if str(key) in faces]
    told = events.System(what, faces.get(str(actor)), people[: events.MOST_NAMED])
    return note(publish, row, actor, told)


def _settle_inbox(publish: Publish, key: Any, conversation: int) -> None:
    """Clear what tells somebody of a conversation that they are about to leave; before any other lock, or after a host's commit."""
    if key is None:
        return
    clear = partial(notifications.read_group, key, group_of(conversation))
    if publish.is_hosted:
        publish.after_commit(clear)
    else:
        clear()
