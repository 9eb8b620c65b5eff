"""Several runners follow up at once while people speak, read, mute, come and go: in the end lists and counters are right."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.conversations import actions, queries
from carillon.conversations.models import Conversation, Message, ReadMark
from carillon.errors import CarillonError
from carillon.notifications import actions as notifications
from carillon.notifications import notify
from carillon.notifications.models import Notification
from tests.features.conversations.talk import direct_of, events_on, follow_up, group_of
from tests.features.notifications.inbox import counters, recount
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PEOPLE, RUNNERS, WRITERS, WRITES = 6, 3, 4, 70


class Fire:
    """The threads, what they may do and in whose transaction, and what went wrong."""

    def __init__(self, seed: str, ways: Sequence[str]) -> None:
        self.seed, self.ways = seed, ways
        self.people = [make_user(f"fire{number}") for number in range(PEOPLE)]
        self.groups = [group_of(*self.people, title=f"Group {number}") for number in range(2)]
        self.room = group_of(*self.people[:4], kind="room", title="Room")
        self.direct = direct_of(*self.people[:2])
        self.talks = [*self.groups, self.room, self.direct]
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        """Let them all at it, and carry out what is left."""
        writers = [threading.Thread(target=self._in_thread, args=(self._write, number)) for number in range(WRITERS)]
        runners = [
            threading.Thread(target=self._in_thread, args=(self._follow_up, number)) for number in range(RUNNERS)
        ]
        for thread in [*writers, *runners]:
            thread.start()
        for thread in writers:
            thread.join(100)
        self.is_over.set()
        for thread in runners:
            thread.join(30)
        assert not any(thread.is_alive() for thread in [*writers, *runners])
        follow_up()

    def _in_thread(self, work: Callable[[random.Random], None], number: int) -> None:
        try:
            with connection.execute_wrapper(self._watch):
                work(random.Random(f"{self.seed} {work.__name__} {number}"))
        except Exception as error:
            self.errors.append(repr(error))
        finally:
            connection.close()

    def _watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """What the database refuses is seen here, even where it is carried out again."""
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            self.done[f"database: {state or error}"] += 1
            raise

    def _follow_up(self, chance: random.Random) -> None:
        while not self.is_over.is_set():
            self.done["told"] += actions.follow_up(chance.choice((2, 5, 500)))

    def _write(self, chance: random.Random) -> None:
        for _ in range(WRITES):
            what = chance.choices([name for name, _ in _WRITES], [weight for _, weight in _WRITES])[0]
            person, other = chance.sample(self.people, 2)
            act = partial(getattr(self, what), chance, person, other, chance.choice(self.talks))
            try:
                _IN[chance.choice(self.ways)](act)
                self.done[what] += 1
            except CarillonError as refused:
                self.done[refused.slug] += 1

    # What they do.

    def say(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        named = chance.choice(("", "", f"@{other.username} ", "@all "))
        actions.send_message(person, talk.pk, f"{named}{chance.random()}")

    def read(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        up_to = chance.choice((None, None, chance.randint(0, 60)))
        actions.mark_read(person, talk.pk, up_to)

    def mute(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.mute(person, talk.pk, chance.choice((None, timezone.now() + dt.timedelta(hours=1))))

    def remove(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.remove_member(self.people[0], talk.pk, chance.choice(self.people[2:]))

    def add(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.add_members(self.people[0], talk.pk, chance.sample(self.people, 3), check=False)

    def leave(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.leave(chance.choice(self.people[1:]), talk.pk)

    def name(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.update_conversation(self.people[0], talk.pk, title=f"Title {chance.random()}")

    def give_role(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        actions.set_role(self.people[0], talk.pk, other, chance.choice(("admin", "member")))

    def change(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        row = Message.objects.filter(conversation=talk, system__isnull=True, deleted_at=None).order_by("-seq").first()
        if row is not None:
            how = chance.choice(("edit", "delete", "react"))
            if how == "edit":
                actions.edit_message(row.sender, talk.pk, row.pk, f"Changed {chance.random()}")
            elif how == "delete":
                actions.delete_message(row.sender, talk.pk, row.pk)
            else:
                actions.react(person, talk.pk, row.pk, "👍")

    def block(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        chance.choice((actions.block, actions.unblock))(*self.people[:2])

    def tidy(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        notifications.mark_all_read(person.pk)

    def ring(self, chance: random.Random, person: Any, other: Any, talk: Conversation) -> None:
        notify(self.people, title="Something else")


def in_host_transaction(act: Callable[[], None], *, is_undone: bool = False) -> None:
    with transaction.atomic():
        act()
        transaction.set_rollback(is_undone)


_IN: dict[str, Callable[[Callable[[], None]], None]] = {
    "ours": lambda act: act(),
    "a host's": in_host_transaction,
    "a host's, undone": partial(in_host_transaction, is_undone=True),
}
_WRITES = [
    ("say", 12),
    ("read", 7),
    ("mute", 2),
    ("remove", 3),
    ("add", 4),
    ("leave", 1),
    ("name", 1),
    ("give_role", 1),
    ("change", 4),
    ("block", 2),
    ("tidy", 1),
    ("ring", 1),
]


def check_lists(people: list[Any]) -> None:
    """The newest that each was told of a conversation is what the list says, and who is out was told that."""
    for person in people:
        newest: dict[int, Any] = {}
        for kind, data in events_on(f"user:{person.pk}"):
            if kind == "conversation.touched":
                newest[data["entry"]["conversation"]["id"]] = data["entry"]
            elif kind == "conversation.gone":
                newest.pop(data["conversation"], None)
        fresh = queries.entries_of(list(queries.memberships_of(person.pk)))
        assert newest == {entry.conversation.id: msgspec.to_builtins(entry) for entry in fresh}


def check_notifications(people: list[Any]) -> None:
    """Counters are right; of a conversation one unread notification at most, and none for who has read it or is out."""
    assert [counters(person) for person in people] == [recount(person) for person in people]
    unread = Notification.objects.filter(is_read=False, group_key__startswith="conversation:")
    pairs = Counter(unread.values_list("user", "group_key"))
    assert not {pair: count for pair, count in pairs.items() if count > 1}
    for user, group in pairs:
        membership = queries.membership_of(user, int(group.partition(":")[2]))
        assert membership is not None, f"{user} is out of {group}, and is notified of it"
        assert queries.mine_of(membership).unread > 0, f"{user} has read {group}, and is notified of it"


def check_marks(talk: Conversation) -> None:
    """By reading and by speaking, marks only grew, and stand where the log leaves them."""
    marks: defaultdict[str, int] = defaultdict(int)
    for kind, data in events_on(f"conversation:{talk.pk}"):
        person, up_to = "", 0
        if kind == "conversation.read":
            person, up_to = data["person"], data["up_to"]
        elif kind == "message.sent":
            person, up_to = data["message"]["sender"]["id"], data["message"]["seq"]
        elif kind == "member.joined":
            marks.update({each["person"]["id"]: each["read_up_to"] for each in data["members"]})
        if person:
            assert up_to > marks[person], (kind, data)
            marks[person] = up_to
    stored = ReadMark.objects.filter(membership__conversation=talk, membership__left_at=None)
    for user, up_to in stored.values_list("membership__user", "up_to"):
        assert up_to == marks[str(user)]


@pytest.mark.parametrize("ways", [["ours"], list(_IN)], ids=["ours", "ours and a host's"])
def test_lists_counters_and_marks_are_right_in_the_end(ways: list[str]) -> None:
    fire = Fire("2026", ways)
    fire.run()
    assert fire.errors == []
    # No deadlock, and no lock that did not come: a batch that meets one is carried out one by one (decision 0020).
    met = {what for what in fire.done if what.startswith("database")}
    assert met <= {"database: 55P03"} and not fire.done["busy"] and not fire.done["unavailable"], fire.done
    # A fire in which nothing happens would show nothing.
    assert all(fire.done[what] for what, _ in _WRITES) and fire.done["told"] > 20, fire.done
    assert not Conversation.objects.unfollowed().exists()
    check_lists(fire.people)
    check_notifications(fire.people)
    for talk in fire.talks:
        check_marks(talk)


def test_who_answers_without_reading_is_notified_of_nothing_any_more() -> None:
    alice, bruno = make_user(), make_user()
    talk = direct_of(alice, bruno)
    actions.send_message(alice, talk.pk, "Tu viens ?")
    follow_up()
    assert counters(bruno) == (1, 1)
    actions.send_message(bruno, talk.pk, "Oui")
    follow_up()
    assert counters(bruno) == recount(bruno) == (0, 0)
    assert counters(alice) == (1, 1)


@pytest.mark.parametrize("what", ["a line about it", "a message that is taken back"])
def test_what_was_said_is_notified_though_something_else_came_last(what: str) -> None:
    alice, bruno = make_user(), make_user()
    group = group_of(alice, bruno)
    follow_up()
    said = actions.send_message(alice, group.pk, "Tu viens ?")
    if what == "a line about it":
        actions.update_conversation(alice, group.pk, title="Ce soir")
    else:
        other = actions.send_message(alice, group.pk, "Oups")
        actions.delete_message(alice, group.pk, other.message.id)
    follow_up()
    [row] = Notification.objects.filter(user=bruno)
    assert (row.message, row.message_id) == ("Tu viens ?", str(said.message.id))


def test_a_mark_that_speaking_moves_is_not_moved_back_by_reading() -> None:
    alice, bruno = make_user(), make_user()
    talk = direct_of(alice, bruno)
    for number in range(9):
        actions.send_message(alice, talk.pk, str(number))
    mark, is_about_to_write = ReadMark.objects.get(membership__user=bruno), threading.Event()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # SQLite lets nobody begin who may write.
        if sql.startswith(("BEGIN", f'UPDATE "{ReadMark._meta.db_table}"')):
            is_about_to_write.set()
        return execute(sql, params, many, context)

    def read() -> None:
        with connection.execute_wrapper(watch):
            actions.mark_read(bruno, talk.pk, 7)
        connection.close()

    reading = threading.Thread(target=read)
    with transaction.atomic():
        # As their other device does, which says something.
        ReadMark.objects.filter(pk=mark.pk).update(up_to=9)
        reading.start()
        assert is_about_to_write.wait(20)
    reading.join(20)
    mark.refresh_from_db()
    assert mark.up_to == 9
    assert not [kind for kind, _ in events_on(f"conversation:{talk.pk}") if kind == "conversation.read"]


def test_members_are_locked_before_their_marks() -> None:
    alice, bruno = make_user(), make_user()
    group = group_of(alice, bruno)
    with CaptureQueriesContext(connection) as captured:
        actions.send_message(alice, group.pk, "@all Bonjour")
    written = [query["sql"] for query in captured if query["sql"].startswith(("UPDATE", "INSERT", "WITH"))]
    tables = [
        next((name for name in ("membership", "readmark") if f"conversations_{name}" in sql), "") for sql in written
    ]
    assert [table for table in tables if table] == ["membership", "readmark"]
