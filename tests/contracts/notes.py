"""A hot action for tests: it writes notes, each a row and an event, and fails as it is told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.contrib.auth.models import Group
from django.db import connection

from carillon.errors import CarillonError, NotFound
from carillon.realtime.hot import hot
from carillon.realtime.outbox import Publish, Published
from carillon.realtime.topic import Topic
from tests.contracts.facts import Happened

TALK = Topic("conversation", "1")
# The numbers of each list that it was called with.
batches: list[list[int]] = []


class Note(msgspec.Struct, frozen=True):
    """What the action of these tests writes: a row and an event; `fault` says what goes wrong."""

    n: int
    topic: Topic = TALK
    fault: str = ""


@hot(limit=100)
def write_notes(publish: Publish, notes: Sequence[Note]) -> list[Published | CarillonError]:
    """Write notes, with two statements of its own however many they are."""
    batches.append([note.n for note in notes])
    if any(note.fault == "bug" for note in notes):
        raise ZeroDivisionError
    good = [note for note in notes if not note.fault.startswith("refused")]
    Group.objects.bulk_create([Group(name=f"note {note.n}") for note in good])
    for note in notes:
        if note.fault == "commit":
            Group.permissions.through.objects.create(group_id=-1, permission_id=-1)
        elif note.fault == "away":
            publish.before_commit(connection.connection.close)
    published = {note.n: publish(note.topic, Happened(n=note.n)) for note in good}
    return [published.get(note.n) or NotFound("not_found", f"not {note.n}") for note in notes]
