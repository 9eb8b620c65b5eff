"""A feature for fault tests alone: halls that many people follow, where everything said carries the id of its write."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from zlib import crc32

import msgspec
from django.db import connection

from carillon.realtime.command import Caller, command
from carillon.realtime.event import Fact, fact
from carillon.realtime.identity import Identity
from carillon.realtime.outbox import Published, action, outbox
from carillon.realtime.topic import Access, Topic

KIND = "hall"
# The host's own table, which is in no migration: who was sent away, and from where on those let in again may see.
DOOR = "faults_door"
CREATE_DOOR = (
    f"CREATE TABLE IF NOT EXISTS {DOOR} (hall varchar(40), person varchar(40), is_in integer, visible_from bigint, "
    "PRIMARY KEY (hall, person))"
)
# Milliseconds that a writer waits before its commit, so that commits overtake one another.
DAWDLE = float(os.environ.get("FAULTS_DAWDLE", "0")) / 1000


@fact("hall.said")
class Said(Fact, frozen=True):
    """Somebody said something."""

    id: str
    text: str = ""


@fact("hall.left")
class Left(Fact, frozen=True):
    """Somebody was sent away."""

    person: str


@fact("hall.entered")
class Entered(Fact, frozen=True):
    """Somebody was let in again."""

    person: str


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to say where; `id` is the write's own."""

    hall: str
    id: str
    text: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """Where it stands."""

    epoch: str
    offset: int


def may_enter(identity: Identity, key: str) -> Access | None:
    """Everybody may, but those who were sent away; who was let in again sees what comes from then on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT is_in, visible_from FROM {DOOR} WHERE hall = %s AND person = %s", [key, identity.person]
        )
        found = cursor.fetchone()
    if found is None:
        return Access()
    return Access(found[1]) if found[0] else None


@action
def say(words: Say) -> Published:
    """Write it into the log."""
    with outbox() as publish:
        if DAWDLE:
            # Not the same wait for all, or nobody overtakes anybody.
            publish.before_commit(lambda: time.sleep(DAWDLE * (crc32(words.id.encode()) % 100) / 100))
        return publish(Topic(KIND, words.hall), Said(id=words.id, text=words.text))


@action
def send_away(hall: str, person: str) -> None:
    """Withdraw a hall from a person, with the event that says so."""
    with outbox() as publish:
        _set_door(hall, person, is_in=0)
        publish(Topic(KIND, hall), Left(person=person), revokes=[person])


@action
def let_in(hall: str, person: str) -> None:
    """Let a person in again; what was said meanwhile stays hidden."""
    with outbox() as publish:
        entered = publish(Topic(KIND, hall), Entered(person=person))

        def open_door() -> None:
            assert entered.position is not None
            _set_door(hall, person, is_in=1, visible_from=entered.position.offset)

        publish.before_commit(open_door)


def _set_door(hall: str, person: str, *, is_in: int, visible_from: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {DOOR} (hall, person, is_in, visible_from) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (hall, person) DO UPDATE SET is_in = excluded.is_in, visible_from = excluded.visible_from",
            [hall, person, is_in, visible_from],
        )


def spoken(published: Published) -> Callable[[], Spoken]:
    """The answer, once the position is known."""

    def answer() -> Spoken:
        assert published.position is not None
        return Spoken(published.position.epoch, published.position.offset)

    return answer


@command("hall.say", params=Say, reply=Spoken)
def say_command(caller: Caller, params: Say) -> Callable[[], Spoken]:
    """Say something over the socket."""
    return spoken(say(params))
