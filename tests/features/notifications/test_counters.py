"""Counters equal a recount after any interleaving, on both databases, with rows inserted behind our back among them."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carillon.errors import NotFound, Unavailable
from carillon.notifications import actions, notify
from carillon.notifications.models import Notification, StagedChange
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

STEPS = [
    "notify",
    "insert",
    "insert_read",
    "read",
    "unread",
    "seen",
    "read_all",
    "restore",
    "archive",
    "unarchive",
    "snooze",
    "unsnooze",
    "delete",
    "clear_read",
    "settle",
]
Step = tuple[str, int, str]


class Person:
    """Does steps to one person's inbox, picking rows by a number."""

    def __init__(self) -> None:
        self.user = make_user()
        self.stamp = ""

    def ids(self, pick: int) -> list[str]:
        rows = list(Notification.objects.filter(user=self.user).order_by("pk").values_list("pk", flat=True))
        return [rows[pick % len(rows)], rows[(pick * 7) % len(rows)]] if rows else ["0" * 12]

    def do(self, name: str, pick: int) -> None:
        user = self.user.pk
        on_ids = {
            "read": actions.mark_read,
            "unread": actions.mark_unread,
            "archive": actions.archive,
            "unarchive": actions.unarchive,
            "unsnooze": actions.unsnooze,
            "delete": actions.delete,
        }
        if name in on_ids:
            on_ids[name](user, self.ids(pick))
        elif name == "snooze":
            actions.snooze(user, self.ids(pick), timezone.now() + dt.timedelta(hours=1))
        elif name == "notify":
            notify(self.user, title="n")
        elif name.startswith("insert"):
            Notification.objects.create(user=self.user, title="behind our back", is_read=name == "insert_read")
        else:
            self.do_range(name, pick)

    def do_range(self, name: str, pick: int) -> None:
        user = self.user.pk
        if name == "seen":
            actions.mark_seen(user, pick)
        elif name == "read_all":
            self.stamp = actions.mark_all_read(user, pick or None).stamp or ""
        elif name == "restore" and self.stamp:
            actions.restore_unread(user, self.stamp)
        elif name == "clear_read":
            actions.clear_read(user, pick or None)
        elif name == "settle":
            actions.settle_pending()

    def step(self, name: str, pick: int, how: str) -> None:
        """One step: alone, in a host's transaction, or in one that is rolled back."""
        try:
            if how == "alone":
                self.do(name, pick)
                return
            with transaction.atomic():
                self.do(name, pick)
                if how == "rolled back":
                    transaction.set_rollback(True)
        except NotFound:
            pass


@covers("000-22", "003-13", "001-05")
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 12), st.sampled_from(["alone", "hosted", "rolled back"])),
        min_size=5,
        max_size=25,
    )
)
def test_counters_equal_a_recount_after_any_steps(steps: list[Step]) -> None:
    person = Person()
    for step in steps:
        person.step(*step)
        assert counters(person.user) == recount(person.user), step
    actions.settle_pending()
    assert counters(person.user) == recount(person.user)
    versions = [data["inbox"]["version"] for _, data in events_of(person.user)]
    assert versions == sorted(set(versions)), "each event has counters of its own, later than those before"


def write_at_random(person: Person, seed: int) -> None:
    """Do 25 steps; `busy` is told, and nothing was done."""
    dice = random.Random(seed)
    for _ in range(25):
        with contextlib.suppress(Unavailable):
            person.step(
                dice.choice(STEPS), dice.randrange(12), dice.choice(["alone", "alone", "hosted", "rolled back"])
            )


@pytest.mark.parametrize("turn", range(4))
def test_counters_after_concurrent_writers(turn: int) -> None:
    person = Person()
    for _ in range(6):
        person.do("notify", 0)

    def write(seed: int) -> None:
        try:
            write_at_random(person, seed)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4 * turn, 4 * turn + 4)))
    while actions.settle_pending():
        pass
    assert not StagedChange.objects.exists()
    assert counters(person.user) == recount(person.user)
    assert_events_tell_the_rows(person.user)


def assert_events_tell_the_rows(user: Any) -> None:
    """Every announced row was told of, and the last counters told are those stored."""
    last = events_of(user)[-1][1]["inbox"]
    assert (last["unread"], last["unseen"]) == counters(user)
