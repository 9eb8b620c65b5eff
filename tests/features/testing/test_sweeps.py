"""run_sweeps(): background work on demand."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from carillon.jobs import sweeps
from carillon.notifications import actions, notify
from carillon.notifications.models import Notification
from carillon.testing import run_sweeps
from tests.features.notifications.inbox import counters
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_it_expands_announces_and_says_how_much() -> None:
    people = make_users(1200)
    notify(people, title="For many")
    Notification.objects.create(user=people[0], title="By the ORM")
    done = run_sweeps()
    assert (done["notifications.fanout"], done["notifications.pending"] >= 0) == (1200, True)
    assert not Notification.objects.pending().exists()
    assert counters(people[0]) == (2, 2) and counters(people[-1]) == (1, 1)
    assert set(run_sweeps("notifications.fanout").values()) == {0}


def test_what_is_due_later_is_due_at_that_time() -> None:
    alice, now = make_user(), timezone.now()
    row = notify(alice, title="Later").notifications[0]
    actions.snooze(alice.pk, [row.pk], now + dt.timedelta(hours=3))
    assert run_sweeps("notifications.snoozed") == {"notifications.snoozed": 0}
    assert run_sweeps("notifications.snoozed", at=now + dt.timedelta(hours=4)) == {"notifications.snoozed": 1}
    assert counters(alice) == (1, 1)
    assert abs(timezone.now() - now) < dt.timedelta(hours=1)


def test_a_sweep_that_fails_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise ZeroDivisionError("a fault")

    monkeypatch.setitem(sweeps._sweeps, "tests.failing", sweeps.Sweep("tests.failing", 1.0, fail))
    with pytest.raises(ZeroDivisionError, match="a fault"):
        run_sweeps("tests.failing")


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(ValueError, match=r"no sweep is called notifications\.fan; there are .*notifications\.fanout"):
        run_sweeps("notifications.fan")
