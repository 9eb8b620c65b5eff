"""Leaving by an outlet: which notifications do, when, and for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.errors import Invalid
from carillon.jobs.sweeps import registered_sweeps
from carillon.notifications import actions, jobs, notify, register_kind
from carillon.notifications.actions.dispatching import BATCH, pause_after
from carillon.notifications.actions.renewing import Renewal, renew_each
from carillon.notifications.content import Content
from carillon.notifications.models import Delivery, Notification, OptOut
from carillon.realtime.outbox import outbox
from tests.features.notifications import post
from tests.features.notifications.post import states, titles
from tests.support.people import make_user, make_users

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.usefixtures("pigeon"),
]


def statements(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured]


def test_what_asks_for_no_outlet_costs_no_statement(clock: Any) -> None:
    alice = make_user()
    notify(alice, "quiet", {"what": "x"})
    plain = statements(lambda: notify(alice, "quiet", {"what": "y"}))
    assert not [sql for sql in plain if "delivery" in sql]
    asked = statements(lambda: notify(alice, "late", {"what": "y"}))
    assert len([sql for sql in asked if "delivery" in sql]) == len(asked) - len(plain) == 1
    # A sweep that finds nothing due only looks.
    assert len(statements(lambda: actions.dispatch("pigeon"))) == 1


def test_it_leaves_after_the_delay_once_and_in_the_readers_language(clock: Any) -> None:
    alice = make_user(language="en")
    notify(alice, "late", {"what": "Le train"})
    assert actions.dispatch("pigeon") == 0
    clock.shift(61)
    assert actions.dispatch("pigeon") == 1 and actions.dispatch("pigeon") == 0
    [item] = post.given
    row = Delivery.objects.get()
    assert (item.key, item.language, item.user) == (f"{row.notification_id}.{row.pk}", "en", alice)
    assert (row.state, row.attempts, row.finished_at) == ("sent", 1, timezone.now()) and row.user == alice


def test_who_says_so_at_the_call_is_obeyed(clock: Any, settings: Any) -> None:
    alice = make_user()
    notify(alice, title="by hand", severity="warning", outlets=["pigeon", "pigeon"])
    notify(alice, "late", {"what": "not this"}, outlets=())
    settings.CARILLON = {**settings.CARILLON, "KIND_OUTLETS": {"late": (), "quiet": ("pigeon",)}}
    notify(alice, "late", {"what": "nor this"})
    notify(alice, "quiet", {"what": "but this"})
    clock.shift(61)
    assert actions.dispatch("pigeon") == 2 and titles() == ["by hand", "but this"]
    # carillon.E006; what people are told does not depend on it.
    settings.CARILLON = {**settings.CARILLON, "KIND_OUTLETS": {"quiet": "email"}}
    assert notify(alice, "quiet", {"what": "all the same"}).ids and Delivery.objects.count() == 2
    with pytest.raises(Invalid, match="there is no parrot"):
        notify(alice, title="x", outlets=["parrot"])
    with pytest.raises(ValueError, match="there is no outlet parrot"):
        register_kind("odd", {"fr": ("x", "")}, outlets=["parrot"])


def test_a_kind_may_say_how_long_it_waits(clock: Any) -> None:
    register_kind("now", {"fr": ("tout de suite", "")}, outlets=["pigeon"], outlet_delay=0)
    notify(make_user(), "now")
    assert actions.dispatch("pigeon") == 1


def test_a_fanout_and_a_hosts_transaction_leave_too_and_what_is_not_stored_does_not(clock: Any) -> None:
    people = make_users(45)
    notify(people, "late", {"what": "tout"}, dedupe_key="k")
    assert not Delivery.objects.exists()
    while actions.expand_fanouts():
        pass
    assert Delivery.objects.count() == 45
    notify(people[:3], "late", {"what": "encore"}, dedupe_key="k")
    assert Delivery.objects.count() == 45
    with transaction.atomic():
        notify(people[0], "late", {"what": "chez eux"})
    with pytest.raises(RuntimeError), transaction.atomic():
        notify(people[0], "late", {"what": "repris"})
        raise RuntimeError
    assert Delivery.objects.count() == 46
    clock.shift(61)
    done = [actions.dispatch("pigeon") for _ in range(4)]
    assert done == [BATCH, BATCH, 6, 0] and "repris en retard" not in titles()


def test_a_batch_is_made_and_taken_with_the_same_statements_whatever_its_size(clock: Any) -> None:
    made = {}
    for size in (2, 20):
        people = make_users(size)
        made[size] = len(statements(lambda people=people: notify(people, "late", {"what": "x"})))
    assert made[2] == made[20]
    clock.shift(61)
    taken = {}
    for size in (20, 2):
        taken[size] = len(statements(lambda: actions.dispatch("pigeon"))) - size
    assert taken[2] == taken[20] < 15, "one more for each, which writes down what became of it"


def test_what_is_not_needed_any_more_is_recorded_and_not_sent(clock: Any) -> None:
    people = make_users(7)
    ids = [notify(person, "late", {"what": "x"}).ids for person in people]
    actions.mark_read(people[0].pk, ids[0])
    actions.delete(people[1].pk, ids[1])
    actions.archive(people[2].pk, ids[2])
    actions.mark_unread(people[2].pk, ids[2])
    actions.snooze(people[3].pk, ids[3], timezone.now() + dt.timedelta(hours=1))
    type(people[4]).objects.filter(pk=people[4].pk).update(is_active=False)
    actions.opt_out(str(people[5].pk), "pigeon")
    actions.opt_out(str(people[6].pk), "owl")
    clock.shift(61)
    assert actions.dispatch("pigeon") == 7
    reasons = ["read", "deleted", "put away", "put away", "account disabled", "opted out"]
    assert states() == [*(("skipped", reason) for reason in reasons), ("sent", "")]
    assert [item.user for item in post.given] == people[6:]


def test_nothing_is_sent_inside_a_transaction(clock: Any) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        actions.dispatch("pigeon")


def test_what_rings_again_leaves_again_where_the_outlet_says_so(clock: Any) -> None:
    alice = make_user()

    def ring(what: str) -> None:
        content = Content(title=what, group_key="g", outlets=["pigeon", "owl"])
        with outbox() as publish:
            renew_each(publish, [Renewal([alice.pk], content)])

    def send() -> list[str]:
        post.forget()
        clock.shift(61)
        for name in ("pigeon", "owl"):
            actions.dispatch(name)
        return titles()

    ring("one")
    ring("two")
    assert send() == ["two", "two"], "what waits still carries the newest words"
    keys = {item.key for item in post.given}
    ring("three")
    assert send() == ["three"]
    assert not keys & {item.key for item in post.given}, "it is another thing to tell"
    assert Notification.objects.count() == 1
    # What was not needed then may be needed now.
    OptOut.objects.create(user=alice, outlet="owl")
    Delivery.objects.filter(outlet="owl").update(state="skipped")
    ring("four")
    assert send() == ["four"]
    OptOut.objects.all().delete()
    ring("five")
    assert send() == ["five", "five"]


def test_records_go_after_a_month_and_what_waits_stays(clock: Any) -> None:
    for what in ("a", "b"):
        notify(make_user(), "late", {"what": what})
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state="sent", finished_at=timezone.now())
    clock.shift(dt.timedelta(days=29))
    assert jobs.prune_deliveries() == 0
    clock.shift(dt.timedelta(days=2))
    assert jobs.prune_deliveries() == 1 and states() == [("pending", "")]


def test_each_outlet_has_a_sweep_of_its_own() -> None:
    assert {f"notifications.outlet.{name}" for name in ("email", "push", "webhook")} <= registered_sweeps().keys()
    assert [round(pause_after(n) / 60) for n in (1, 8)] in ([1, m] for m in range(54, 67))
