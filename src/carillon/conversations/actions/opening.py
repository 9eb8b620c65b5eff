"""Opening conversations, and naming them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from carillon.conversations import contacts, events, queries
from carillon.conversations.actions.locking import lock
from carillon.conversations.actions.members import check_count, enter
from carillon.conversations.actions.noting import note, touch
from carillon.conversations.actions.outcome import Outcome, key_of
from carillon.conversations.models import KINDS, LONGEST_TITLE, Conversation
from carillon.conversations.topics import topic_of
from carillon.errors import Conflict, NotAllowed, invalid_value
from carillon.notifications.models import is_safe_url
from carillon.people.queries import keys_of, people_of
from carillon.realtime import codec, log
from carillon.realtime.outbox import action, outbox


@action
def open_direct(user: Any, other: Any, *, check: bool = True) -> Conversation:
    """The direct conversation of two people: theirs if they have one, a new one else; never a second one, whatever the race.

    Raises NotFound for who does not exist or may not be written to, NotAllowed where one blocks the other, Invalid for
    a conversation with oneself. Host code passes `check=False` to be above the rule of contacts.
    """
    me = key_of(user)
    # As the user model has it: "07" is nobody else than "7".
    them = next(keys_of([key_of(other)]), key_of(other))
    if str(them) == str(me):
        raise invalid_value("people", "somebody else than yourself is needed")
    key = _direct_key(me, them)
    found = Conversation.objects.filter(direct_key=key).first()
    if found is not None:
        return found
    [them] = contacts.chosen(me, [them], check=check)
    if queries.is_blocked_between(me, them):
        raise NotAllowed("forbidden", "You cannot write to this person.")
    with outbox() as publish:
        try:
            with transaction.atomic(using=log.alias()):
                conversation = Conversation.objects.create(kind="direct", direct_key=key, created_by_id=me)
        except IntegrityError:
            # Somebody was faster; theirs is the one.
            return Conversation.objects.get(direct_key=key)
        enter(publish, conversation, [me, them], roles={})
        touch(publish, conversation)
    return conversation


@action
def open_conversation(
    user: Any,
    kind: str,
    people: Iterable[Any],
    *,
    title: str = "",
    picture: str = "",
    about: str = "",
    check: bool = True,
) -> Conversation:
    """Open a group or a room with these people, whose owner is this user; for `direct`, see `open_direct`.

    Raises Invalid for what cannot be stored, NotFound for people who do not exist or may not be written to, TooMany
    beyond MOST_MEMBERS.
    """
    asked = list(people)
    if kind not in KINDS:
        raise invalid_value("kind", f"one of {', '.join(KINDS)}")
    if kind == "direct":
        if len(asked) != 1:
            raise invalid_value("people", "one person is needed")
        return open_direct(user, asked[0], check=check)
    me = key_of(user)
    _check_texts(title, picture, about)
    others = [key for key in contacts.chosen(me, asked, check=check) if key != me]
    check_count(1 + len(others))
    with outbox() as publish:
        conversation = Conversation.objects.create(
            kind=kind, title=title.strip(), picture=picture, about=about, created_by_id=me
        )
        enter(publish, conversation, [me, *others], roles={me: "owner"})
        faces = people_of([me, *others])
        told = [faces[str(key)] for key in others if str(key) in faces]
        what = events.System("created", faces.get(str(me)), told[: events.MOST_NAMED], conversation.title)
        note(publish, conversation, me, what)
    return conversation


@action
def update_conversation(
    user: Any, conversation: int, *, title: str | None = None, picture: str | None = None
) -> Outcome:
    """Give a group or a room another title or picture; the same again changes nothing.

    Raises NotFound, Invalid, Conflict for a direct conversation, NotAllowed in a room for who does not run it.
    """
    with outbox() as publish:
        membership = lock(user, conversation)
        row = membership.conversation
        if row.is_direct:
            raise Conflict("conflict", "A direct conversation has no title.")
        if row.kind == "room" and membership.role == "member":
            raise NotAllowed("forbidden", "Only who runs this room can change it.")
        title = row.title if title is None else title.strip()
        picture = row.picture if picture is None else picture
        _check_texts(title, picture)
        if (row.title, row.picture) == (title, picture):
            return Outcome(conversation=row)
        is_renamed = row.title != title
        row.title, row.picture = title, picture
        if is_renamed:
            actor = people_of([membership.user_id]).get(str(membership.user_id))
            note(publish, row, membership.user_id, events.System("renamed", actor, [], title))
        else:
            touch(publish, row)
        told = publish(topic_of(row.pk), events.ConversationUpdated(conversation=events.Conversation.of(row)))
        return Outcome(told, conversation=row)


def _check_texts(title: str, picture: str, about: str = "") -> None:
    if not title.strip():
        raise invalid_value("title", "a title is needed")
    if len(title.strip()) > LONGEST_TITLE:
        raise invalid_value("title", f"at most {LONGEST_TITLE} characters")
    if picture and (len(picture) > 2000 or not is_safe_url(picture)):
        message = "a path starting with / or an http(s) address of at most 2,000 characters is needed"
        raise invalid_value("picture", message)
    if len(about) > 200:
        raise invalid_value("about", "at most 200 characters")
    codec.check_values([title, picture, about])


def _direct_key(one: Any, other: Any) -> str:
    return ":".join(sorted((str(one), str(other))))
