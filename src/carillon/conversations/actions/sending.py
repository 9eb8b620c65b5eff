"""Sending: what many say at once is stored with a few statements, each message accepted or refused by itself."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils import timezone

from carillon.conversations import events
from carillon.conversations.actions import rows
from carillon.conversations.actions.content import EVERYBODY, checked_content, mentions_in, named, quote_of
from carillon.conversations.models import Membership, Message, now_in_microseconds
from carillon.conversations.queries import hidden_from, not_found, states_of
from carillon.conversations.signals import is_heard, send_sent
from carillon.conversations.topics import topic_of
from carillon.errors import CarillonError, Conflict, NotAllowed, invalid_value
from carillon.jobs.wake import wake
from carillon.people.queries import keys_of, people_of
from carillon.realtime.event import Position
from carillon.realtime.hot import hot
from carillon.realtime.identity import Person
from carillon.realtime.outbox import Publish, Published

FOLLOW_UP = "conversations.follow_up"

# Unique is enough. To ask the system for each would hand the interpreter to another thread, for milliseconds where that computes.
# They rise with time: what one person says together stands together in the index, on one page and not on as many as messages.
_random = random.Random()  # noqa: S311
os.register_at_fork(after_in_child=_random.seed)


def _new_key() -> str:
    return f"{time.time_ns():016x}{_random.getrandbits(64):016x}"


class NewMessage(msgspec.Struct, frozen=True):
    """What somebody says in a conversation; the `client_id` is theirs, and names this message for ever."""

    sender: Any
    conversation: int
    content: str
    reply_to: int | None = None
    client_id: str = msgspec.field(default_factory=_new_key)


@dataclass(slots=True)
class Sent:
    """A message as it was stored; its position is None in a host's transaction, and for one that was sent before."""

    message: events.Message
    published: Published | None = None

    @property
    def position(self) -> Position | None:
        """Where its event stands in the log."""
        return self.published.position if self.published else None


def send_message(
    sender: Any, conversation: int, content: str, *, reply_to: int | None = None, client_id: str = ""
) -> Sent:
    """Say something in a conversation as this user or key of one.

    Members are told at once, and those who are not looking at it are notified right after. A message with the same
    `client_id` of the same sender is the same message, for ever. Raises NotFound where the sender is not in it or the
    message to answer is not, NotAllowed where one of two people blocks the other, Invalid for what cannot be said,
    Conflict `idempotency_mismatch` for another message under the same key, Unavailable `busy`.
    """
    return send_messages(new_message(sender, conversation, content, reply_to, client_id))


def new_message(
    sender: Any, conversation: int, content: str, reply_to: int | None = None, client_id: str = ""
) -> NewMessage:
    """The item of `send_messages`; raises Invalid for what cannot be said, NotFound for what is no user."""
    key = next(keys_of([getattr(sender, "pk", sender)]), None)
    if key is None:
        raise not_found()
    return NewMessage(key, conversation, checked_content(content), reply_to, client_id or _new_key())


def _tell_hosts(sent: Sent) -> None:
    if sent.published is not None:
        send_sent(Message.objects.get(pk=sent.message.id))


@hot(limit=200, after=_tell_hosts, is_heard=is_heard)
def send_messages(publish: Publish, items: Sequence[NewMessage]) -> list[Sent | CarillonError]:
    """Store and announce these messages; refuses each as `send_message` says."""
    rows.lock_conversations(item.conversation for item in items)
    batch = _Batch(items)
    batch.check()
    batch.store()
    return batch.announce(publish)


class _Batch:
    """Messages on their way into the tables."""

    def __init__(self, items: Sequence[NewMessage]) -> None:
        self._items = items
        self._refused: dict[int, CarillonError] = {}
        self._old: dict[int, Message] = {}
        # Of two items with one key the second is the first.
        self._first: dict[tuple[Any, str], int] = {}
        self._new: dict[int, rows.Draft] = {}
        self._now = timezone.now()
        self._places, self._faces = rows.places_of([(item.conversation, item.sender, item.client_id) for item in items])
        answered = {item.reply_to for item in items if item.reply_to is not None}
        self._answered: dict[int, Message] = Message.objects.in_bulk(answered) if answered else {}

    def check(self) -> None:
        """Find out who may say what, and what was said before."""
        ids = [place.earlier for place in self._places if place is not None and place.earlier is not None]
        earlier = Message.objects.in_bulk(ids) if ids else {}
        for number, (item, place) in enumerate(zip(self._items, self._places, strict=True)):
            key = (item.sender, item.client_id)
            refusal = self._refusal(item, place)
            if refusal is not None:
                self._refused[number] = refusal
            elif place is not None and (place.earlier is not None or key in self._first):
                self._repeat(number, item, earlier[place.earlier] if place.earlier is not None else None)
            else:
                self._first[key] = number

    def _refusal(self, item: NewMessage, place: rows.Place | None) -> CarillonError | None:
        if place is None:
            return not_found()
        if place.is_blocked:
            return NotAllowed("forbidden", "You cannot write to this person.")
        quoted = self._answered.get(item.reply_to) if item.reply_to is not None else None
        is_there = (
            quoted is not None and quoted.conversation_id == item.conversation and quoted.seq > place.visible_from
        )
        if item.reply_to is not None and not is_there:
            return invalid_value("reply_to", "no message of this conversation")
        return None

    def _repeat(self, number: int, item: NewMessage, old: Message | None) -> None:
        first = None if old is not None else self._items[self._first[(item.sender, item.client_id)]]
        said = (
            (old.conversation_id, old.content, old.reply_to_id)
            if old
            else ((first.conversation, first.content, first.reply_to) if first else None)
        )
        is_same = said == (item.conversation, item.content, item.reply_to)
        # Edited or deleted since, it is still the message that was sent with this key.
        if old is not None and (old.edited_at or old.deleted_at):
            is_same = old.conversation_id == item.conversation
        if not is_same:
            self._refused[number] = Conflict("idempotency_mismatch", "Another message was sent with this key.")
        elif old is not None:
            self._old[number] = old

    def store(self) -> None:
        """Number and insert what is new, and move the marks of who said it."""
        numbers = list(self._first.values())
        members = self._members(numbers)
        self._faces |= people_of(events.people_in(self._answered.values()))
        last: dict[int, int] = {}
        for number in numbers:
            item, place = self._items[number], self._places[number]
            assert place is not None  # noqa: S101 - who is not there was refused
            last[item.conversation] = seq = last.get(item.conversation, place.last_seq) + 1
            answered = None if item.reply_to is None else self._answered[item.reply_to]
            self._new[number] = rows.Draft(
                conversation=item.conversation,
                seq=seq,
                membership=place.membership,
                sender=item.sender,
                client_id=item.client_id,
                content=item.content,
                mentions=mentions_in(item.content, members.get(item.conversation, {})),
                reply_to=item.reply_to,
                quote=None if answered is None else quote_of(answered, self._faces, hidden_from(item.conversation)),
            )
        if self._new:
            # Members before their marks, as everywhere.
            self._mark_mentions()
            rows.store_messages(list(self._new.values()), self._now, now_in_microseconds())

    def _members(self, numbers: Sequence[int]) -> dict[int, dict[Any, Person]]:
        """Those who may be named, in the conversations in which somebody is."""
        wanted = {self._items[number].conversation for number in numbers if "@" in self._items[number].content}
        if not wanted:
            return {}
        places = Membership.objects.filter(conversation__in=wanted, left_at__isnull=True)
        pairs = list(places.values_list("conversation", "user"))
        faces = people_of({user for _, user in pairs})
        found: dict[int, dict[Any, Person]] = {conversation: {} for conversation in wanted}
        for conversation, user in pairs:
            if str(user) in faces:
                found[conversation][user] = faces[str(user)]
        return found

    def _mark_mentions(self) -> None:
        for draft in self._new.values():
            if draft.mentions:
                people = named(draft.mentions)
                members = Membership.objects.filter(conversation=draft.conversation, left_at__isnull=True)
                if EVERYBODY not in people:
                    members = members.filter(user__in=list(keys_of(people)))
                members.exclude(user=draft.sender).update(mentioned_seq=draft.seq)

    def announce(self, publish: Publish) -> list[Sent | CarillonError]:
        """Tell the members, and have the rest done after the commit."""
        sent: dict[int, Sent] = {}
        topics = {draft.conversation: topic_of(draft.conversation) for draft in self._new.values()}
        for number, draft in self._new.items():
            state = _state_of(draft, self._faces, self._now)
            sent[number] = Sent(state, publish(topics[draft.conversation], events.MessageSent(message=state)))
        if sent:
            publish.after_commit(lambda: wake(FOLLOW_UP))
        if self._old:
            states = states_of(list(self._old.values()))
            sent.update({number: Sent(state) for number, state in zip(self._old, states, strict=True)})
        return [self._refused.get(n) or sent.get(n) or sent[self._first_of(n)] for n in range(len(self._items))]

    def _first_of(self, number: int) -> int:
        item = self._items[number]
        return self._first[(item.sender, item.client_id)]


def _state_of(draft: rows.Draft, faces: Mapping[str, Person], now: dt.datetime) -> events.Message:
    """What `events.Message.of` would say of its row, which is not loaded for it."""
    return events.Message(
        id=draft.id,
        conversation=draft.conversation,
        seq=draft.seq,
        client_id=draft.client_id,
        sender=faces.get(str(draft.sender)),
        kind="text",
        content=draft.content,
        mentions=draft.mentions,
        reply_to=draft.quote,
        reactions=[],
        system=None,
        created_at=now,
        edited_at=None,
        deleted_at=None,
    )
