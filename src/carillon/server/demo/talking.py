"""Puts the demonstration's conversations into the tables, with the times at which they were had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils import timezone

from carillon.conversations.actions.content import mentions_in, quote_of
from carillon.conversations.models import Conversation, Membership, Message, Reaction, ReadMark
from carillon.people.queries import people_of
from carillon.realtime.identity import Person
from carillon.server.demo.talks import TALKS, Talk


def talk_all(known: dict[str, Any]) -> None:
    """Have these people have said what they said; where anybody has said anything it does nothing.

    It is all history, which nobody is told of: so it needs no events, and a few statements are enough.
    """
    if Conversation.objects.exists():
        return
    faces = people_of(user.pk for user in known.values())
    talks = [_Had(talk, known, faces) for talk in TALKS]
    Conversation.objects.bulk_create([had.conversation for had in talks])
    members = Membership.objects.bulk_create([member for had in talks for member in had.members()])
    marks = {(member.conversation_id, member.user_id): member for member in members}
    ReadMark.objects.bulk_create([mark for had in talks for mark in had.marks(marks)])
    Message.objects.bulk_create([message for had in talks for message in had.messages()])
    answers = [had.answer(said) for had in talks for said in had.talk.said if said.answers]
    Message.objects.bulk_update(answers, ["reply_to", "quote"])
    Reaction.objects.bulk_create([reaction for had in talks for reaction in had.reactions()])


class _Had:
    """A conversation that was had, row by row."""

    def __init__(self, talk: Talk, known: dict[str, Any], faces: dict[str, Person]) -> None:
        self.talk, self.known, self.faces = talk, known, faces
        self.people = [known[name] for name in talk.people]
        self.now = timezone.now()
        last = self.now - talk.said[-1].ago
        is_direct = talk.kind == "direct"
        self.conversation = Conversation(
            kind=talk.kind,
            title=talk.title,
            direct_key=":".join(sorted(str(user.pk) for user in self.people)) if is_direct else None,
            created_by=self.people[0],
            created_at=self.now - talk.said[0].ago,
            activity=int(last.timestamp() * 1_000_000),
            last_seq=len(talk.said),
            member_count=len(self.people),
            version=1,
        )

    def members(self) -> Sequence[Membership]:
        """Who is in it; the first one runs it, where it is not direct."""
        return [
            Membership(
                conversation=self.conversation,
                user=user,
                role="owner" if user is self.people[0] and self.talk.kind != "direct" else "member",
                joined_at=self.conversation.created_at,
                visible_offset=0,
                told=1,
                notified_seq=len(self.talk.said),
                mentioned_seq=self._mentioned(user),
            )
            for user in self.people
        ]

    def marks(self, members: dict[tuple[int, Any], Membership]) -> Sequence[ReadMark]:
        """How far each has read."""
        return [
            ReadMark(
                membership=members[(self.conversation.pk, user.pk)],
                up_to=len(self.talk.said) - self.talk.unread_by.get(user.get_username(), 0),
                at=self.now,
            )
            for user in self.people
        ]

    def messages(self) -> Sequence[Message]:
        """What was said."""
        self.rows = [
            Message(
                conversation=self.conversation,
                seq=seq,
                sender=self.known[said.sender],
                client_id=f"demo-{self.conversation.pk}-{seq}",
                content=said.content,
                mentions=msgspec.to_builtins(mentions_in(said.content, self._faces())),
                created_at=self._moment(said.ago),
            )
            for seq, said in enumerate(self.talk.said, 1)
        ]
        return self.rows

    def answer(self, said: Any) -> Message:
        """A message, with what it answers."""
        row, answered = self.rows[self.talk.said.index(said)], self.rows[said.answers - 1]
        row.reply_to, row.quote = answered, msgspec.to_builtins(quote_of(answered, self.faces, 0))
        return row

    def reactions(self) -> Sequence[Reaction]:
        """The emoji under the messages."""
        return [
            Reaction(message=row, user=self.known[name], emoji=emoji)
            for row, said in zip(self.rows, self.talk.said, strict=True)
            for name, emoji in said.reactions
        ]

    def _moment(self, ago: dt.timedelta) -> dt.datetime:
        return self.now - ago

    def _faces(self) -> dict[Any, Person]:
        return {user.pk: self.faces[str(user.pk)] for user in self.people}

    def _mentioned(self, user: Any) -> int:
        """The number of the last message that names somebody."""
        names = {str(user.pk), "*"}
        return max(
            (
                seq
                for seq, said in enumerate(self.talk.said, 1)
                if names & {each.person for each in mentions_in(said.content, self._faces())}
            ),
            default=0,
        )
