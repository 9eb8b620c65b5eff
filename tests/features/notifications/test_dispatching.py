"""Handing over: what fails is tried again, what is lost is found again, and nothing holds up the rest."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from carillon.notifications import actions, notify
from carillon.notifications.actions import dispatching
from carillon.notifications.actions.dispatching import LEASE, MOST_ATTEMPTS
from carillon.notifications.models import Delivery
from carillon.notifications.outlets.base import NotNeeded, Rejected, Unreachable
from tests.features.notifications import post
from tests.features.notifications.post import states, titles
from tests.support.people import make_user, make_users

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.usefixtures("pigeon"),
]


def test_one_that_fails_is_tried_again_later_and_given_up_in_the_end_without_holding_up_others(clock: Any) -> None:
    notify(make_user(), "late", {"what": "a"})
    notify(make_user(), "late", {"what": "b"})
    post.failures["a en retard"] = lambda: OSError("550 alice@example.org")
    clock.shift(61)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        actions.dispatch("pigeon")
        assert titles() == ["b en retard"]
        row = Delivery.objects.order_by("pk")[0]
        assert row.attempts == attempt and "550" in row.reason
        assert row.state == ("failed" if attempt == MOST_ATTEMPTS else "pending")
        pause = row.due_at - timezone.now()
        if attempt < MOST_ATTEMPTS:
            assert 0.9 <= pause.total_seconds() / min(60 * 2 ** (attempt - 1), 3600) <= 1.1
            assert actions.dispatch("pigeon") == 0
            clock.shift(pause)
    assert actions.dispatch("pigeon") == 0
    del post.failures["a en retard"]
    assert actions.try_again([row.pk, Delivery.objects.get(state="sent").pk]) == 1
    assert actions.dispatch("pigeon") == 1 and titles() == ["b en retard", "a en retard"]
    assert post.given[1].key == f"{row.notification_id}.{row.pk}", "the same, for whoever got the first after all"


def test_a_refusal_is_final_and_an_address_that_is_missing_no_failure(clock: Any) -> None:
    for what in ("a", "b"):
        notify(make_user(), "late", {"what": what})
    post.failures |= {
        "a en retard": lambda: Rejected("no such mailbox"),
        "b en retard": lambda: NotNeeded("no address"),
    }
    clock.shift(61)
    assert actions.dispatch("pigeon") == 2
    assert states() == [("failed", "Rejected: no such mailbox"), ("skipped", "no address")]


def test_while_the_outlet_is_away_everything_waits_and_no_attempt_counts(clock: Any) -> None:
    people = make_users(30)
    for person in people:
        notify(person, "late", {"what": "x"})
    post.failures["x en retard"] = lambda: Unreachable("no server")
    clock.shift(61)
    for _ in range(20):
        assert actions.dispatch("pigeon") == 0
        assert actions.dispatch("pigeon") == 0, "all of them wait, not this batch alone"
        clock.shift(61)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("pending", 0)}
    post.forget()
    while actions.dispatch("pigeon"):
        pass
    assert len(post.given) == 30
    notify(people[0], "late", {"what": "x"})
    clock.shift(dt.timedelta(hours=25))
    post.failures["x en retard"] = lambda: Unreachable("no server")
    assert actions.dispatch("pigeon") == 0
    assert states(state="failed") == [("failed", "Unreachable: no server")]


def test_a_claim_that_nobody_finished_is_taken_up_after_its_lease_and_the_first_cannot_undo_it(clock: Any) -> None:
    notify(make_user(), "late", {"what": "x"})
    clock.shift(61)
    [lost] = dispatching._claim("pigeon")
    assert actions.dispatch("pigeon") == 0
    clock.shift(LEASE)
    assert actions.dispatch("pigeon") == 1
    # Whoever was away comes back and thinks that it failed.
    dispatching._write(lost, state="failed")
    assert states() == [("sent", "")] and Delivery.objects.get().attempts == 2


def test_a_batch_that_takes_too_long_gives_the_rest_back(clock: Any) -> None:
    for what in ("slow", "next"):
        notify(make_user(), "late", {"what": what})
    clock.shift(61)

    def take_long() -> Exception:
        clock.shift(dispatching.MOST_TIME + dt.timedelta(seconds=1))
        return OSError("at last")

    post.failures["slow en retard"] = take_long
    assert actions.dispatch("pigeon") == 1
    assert list(Delivery.objects.order_by("pk").values_list("state", "attempts")) == [("pending", 1), ("pending", 0)]
    assert actions.dispatch("pigeon") == 1 and titles() == ["next en retard"]


def test_two_workers_send_each_once(clock: Any) -> None:
    for person in make_users(60):
        notify(person, "late", {"what": "x"})
    clock.shift(61)

    def work() -> None:
        while actions.dispatch("pigeon"):
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    keys = [item.key for item in post.given]
    assert len(keys) == len(set(keys)) == 60 and set(states()) == {("sent", "")}
