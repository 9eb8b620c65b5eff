"""Many recipients: audiences and querysets at the call, then batches that cost the same whatever their size."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.errors import Invalid
from carillon.notifications import kinds, notify, register_kind
from carillon.notifications.actions import expand_fanouts, fanout, settle_pending
from carillon.notifications.jobs import PAUSE, pause_after, seconds_of_others
from carillon.notifications.models import BrakeRecord, Fanout, FanoutBatch, Notification
from carillon.notifications.signals import notification_created
from carillon.people.audiences import everyone, with_role
from carillon.people.models import Profile
from tests.features.notifications.inbox import counters, events_of, recount
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def expand() -> list[int]:
    """Expand everything that is due; returns how many each batch passed."""
    passed = []
    while count := expand_fanouts(500):
        passed.append(count)
    return passed


def notified() -> list[Any]:
    """The keys of who has a notification, each as often as they have one."""
    return sorted(Notification.objects.values_list("user", flat=True))


def statements(work: Any, *arguments: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work(*arguments)
    return len(captured)


def test_many_recipients_become_a_fanout_that_batches_expand_exactly_once() -> None:
    people = make_users(45)
    sent = notify(people, title="à tous")
    assert sent.fanout_id is not None and not Notification.objects.exists()
    first = FanoutBatch.objects.get()
    passed = [expand_fanouts(batch=20) for _ in range(4)]
    assert passed == [20, 20, 5, 0]
    assert Notification.objects.filter(source=sent.fanout_id).count() == 45
    assert all(counters(person) == (1, 1) and len(events_of(person)) == 1 for person in people)
    done = Fanout.objects.get()
    assert str(done) == "45/45" and done.finished_at is not None and not FanoutBatch.objects.exists()
    # A batch that ran twice (its commit was not acknowledged) stores nothing twice, and takes no number.
    first.save(force_insert=True)
    assert expand() == [45]
    assert Notification.objects.count() == 45 and all(counters(person) == (1, 1) for person in people)
    notify(people[0], title="the next")
    assert Notification.objects.get(title="the next").number == 2


def test_people_who_left_before_their_turn_are_passed_over() -> None:
    people = make_users(25)
    notify(people, title="x")
    gone = people.pop()
    gone.delete()
    assert expand() == [25]
    assert notified() == [person.pk for person in people]


def test_a_batch_costs_the_same_statements_whatever_its_size() -> None:
    actor = make_user()
    costs = {}
    for size in (50, 500):
        notify(make_users(size), title="x", actor=actor)
        costs[size] = statements(expand_fanouts, 500)
    assert costs[50] == costs[500] < 20
    assert expand() == [] and len(notified()) == 550


def test_what_is_pending_is_announced_before_a_batch_and_counted_once() -> None:
    people = make_users(60)
    Notification.objects.create(user=people[0], title="theirs")
    notify(people, title="to all", dedupe_key="k")
    assert expand() == [60]
    notify(people, title="again", dedupe_key="k")
    assert expand() == [60]
    assert [data["notification"]["title"] for _, data in events_of(people[0])] == ["theirs", "to all"]
    assert list(Notification.objects.filter(user=people[0]).values_list("number", flat=True)) == [2, 1]
    assert counters(people[0]) == recount(people[0]) == (2, 2)
    assert {counters(person) for person in people[1:]} == {(1, 1)}
    assert {data["inbox"]["version"] for person in people[1:] for _, data in events_of(person)} == {1}


def test_workers_that_expand_at_once_share_the_batches() -> None:
    people = make_users(300)
    notify(people, title="x")

    def work() -> None:
        try:
            while expand_fanouts(50):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expand()
    assert notified() == sorted(person.pk for person in people)
    done = Fanout.objects.get()
    assert str(done) == "300/300" and done.finished_at is not None


def test_announcing_what_hosts_inserted_costs_the_same_statements_whatever_its_size() -> None:
    costs = {}
    for size in (50, 500):
        Notification.objects.bulk_create(
            [Notification(user=person, title="theirs", is_read=n % 2 == 0) for n, person in enumerate(make_users(size))]
        )
        costs[size] = statements(settle_pending)
    assert costs[50] == costs[500] < 20
    rows = Notification.objects.all()
    assert {row.number for row in rows} == {1} and all(row.is_read == (row.seen_at is not None) for row in rows)
    person = rows[0].user
    assert counters(person) == recount(person)


def test_a_queryset_of_ten_thousand_costs_what_one_of_thirty_does_and_loads_nobody() -> None:
    make_users(30)
    users = get_user_model().objects
    few = statements(lambda: notify(users.all(), title="x"))
    model = get_user_model()
    users.bulk_create([model(username=f"crowd{n}", password="!") for n in range(9_970)], batch_size=1000)
    with CaptureQueriesContext(connection) as captured:
        sent = notify(users.all(), title="y")
    assert len(captured) == few < 10
    assert not [query for query in captured if "password" in query["sql"]]
    assert Fanout.objects.get(pk=sent.fanout_id).total == 10_000
    assert max(len(batch.recipients) for batch in FanoutBatch.objects.all()) <= 500


def test_recipients_in_every_form() -> None:
    people = make_users(4)
    group = Group.objects.create(name="some")
    group.user_set.set(people[:2])
    Profile.objects.bulk_create(Profile(user=person, role="Mentor") for person in people[2:])
    users, keys = get_user_model().objects, [person.pk for person in people]
    forms: list[tuple[Any, list[Any]]] = [
        (people[0], keys[:1]),
        (str(keys[0]), keys[:1]),
        ([people[0], keys[0], str(keys[1])], keys[:2]),
        ((key for key in keys), keys),
        (users, keys),
        (group.user_set, keys[:2]),
        (users.order_by("-pk")[:3], keys[1:]),
        (users.filter(pk=keys[0]).union(users.filter(pk=keys[3])), [keys[0], keys[3]]),
        (users.filter(groups=group).select_related("carillon_profile").prefetch_related("groups"), keys[:2]),
        (users.only("username").filter(pk__in=keys[1:]), keys[1:]),
        (Profile.objects.values_list("user", flat=True), keys[2:]),
        (with_role("Mentor"), keys[2:]),
        (everyone(), keys),
        (users.none(), []),
        ([], []),
    ]
    for recipients, expected in forms:
        Notification.objects.all().delete()
        sent = notify(recipients, title="x")
        assert sorted(row.user_id for row in sent.notifications) == notified() == expected
    assert [row.user_id for row in notify(keys[::-1], title="x").notifications] == keys[::-1]


def test_what_is_no_user_is_refused_and_notifies_nobody() -> None:
    alice = make_user()
    profile = Profile.objects.create(user=alice)
    # A profile's key is a number like a user's: it would notify whoever happens to have it.
    for wrong in (profile, [profile], Profile.objects.all(), Group.objects.all()):
        with pytest.raises(Invalid, match="and not a user"):
            notify(wrong, title="x")
    for wrong in (get_user_model().objects.values("pk"), Profile.objects.values_list("user")):
        with pytest.raises(Invalid, match="their keys alone"):
            notify(wrong, title="x")
    for wrong in (get_user_model()(), None, [None]):
        with pytest.raises(Invalid, match="has no key"):
            notify(wrong, title="x")
    assert not Notification.objects.exists() and not Fanout.objects.exists()


def test_who_is_in_the_audience_is_decided_at_the_call() -> None:
    people = make_users(25)
    Profile.objects.bulk_create(Profile(user=person, role="Mentor") for person in people)
    notify(with_role("Mentor"), title="x")
    Profile.objects.filter(user=people[0]).update(role="Other")
    late = make_user()
    Profile.objects.create(user=late, role="Mentor")
    expand()
    assert notified() == [person.pk for person in people]


def test_a_disabled_account_is_in_no_audience_of_ours_but_can_be_named() -> None:
    disabled = make_user(is_active=False)
    notify(everyone(), title="x")
    assert notified() == []
    notify([disabled], title="x")
    assert notified() == [disabled.pk]


def test_a_fanout_speaks_to_each_in_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind("pause", {"fr": ("Pause à {{ at }}", ""), "en": ("Break at {{ at }}", "")}, severity="warning")
    french, english = [make_user(language="fr") for _ in range(12)], [make_user(language="en") for _ in range(12)]
    actor = make_user(first_name="Awa", last_name="Diallo")
    notify([*french, *english], "pause", {"at": "10 h"}, actor=actor, data={"room": 4}, url="/plan", message_id=9)
    expand()
    for people, title in ((french, "Pause à 10 h"), (english, "Break at 10 h")):
        for person in people:
            row = Notification.objects.get(user=person)
            [(name, data)] = events_of(person)
            state = data["notification"]
            assert (name, state["id"], state["number"]) == ("notification.created", row.pk, row.number == 1 and 1)
            assert state["title"] == row.title == title
            assert (state["severity"], state["data"], state["url"], state["message_id"]) == (
                "warning",
                {"room": 4},
                "/plan",
                "9",
            )
            assert state["actor"]["name"] == "Awa Diallo" and row.actor == actor
            assert data["inbox"] == {"unread": 1, "unseen": 1, "version": 1, "last_number": 1}
            assert state["created_at"] == row.created_at.isoformat().replace("+00:00", "Z")
            assert row.announced_at is not None and row.params == {"at": "10 h"}


def test_a_dedupe_key_passes_over_who_has_it() -> None:
    people = make_users(30)
    notify(people[:5], title="first", dedupe_key="k")
    notify(people, title="second", dedupe_key="k")
    assert expand() == [30]
    assert notified() == [person.pk for person in people]
    assert counters(people[0]) == (1, 1) and len(events_of(people[0])) == 1


def test_the_brake_holds_in_a_batch_too(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "BRAKE_PER_MINUTE": 2}
    people = make_users(25)
    with time_machine.travel(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        for _ in range(2):
            notify(people[0], title="loop")
        notify(people, title="to all")
        expand()
    assert counters(people[0]) == (2, 2) and counters(people[1]) == (1, 1)
    assert [(record.user_id, record.held) for record in BrakeRecord.objects.all()] == [(people[0].pk, 1)]


def test_hosts_hear_of_each_notification_of_a_fanout() -> None:
    heard: list[tuple[Any, str, int | None]] = []

    def hear(notification: Notification, **_: Any) -> None:
        heard.append((notification.user_id, notification.pk, notification.number))

    people = make_users(25)
    notification_created.connect(hear)
    try:
        notify(people, title="x")
        expand()
    finally:
        notification_created.disconnect(hear)
    assert sorted(heard) == sorted(Notification.objects.values_list("user", "pk", "number"))


def test_a_fanout_in_a_transaction_of_the_hosts_goes_with_it() -> None:
    people = make_users(25)
    with pytest.raises(RuntimeError), transaction.atomic():
        notify(people, title="lost")
        raise RuntimeError
    assert expand() == [] and not FanoutBatch.objects.exists()
    with transaction.atomic():
        notify(people, title="kept")
        assert expand() == [25]
        assert [events_of(person) for person in people] == [[]] * 25, "nothing is announced before the commit"
    assert all(len(events_of(person)) == 1 and counters(person) == (1, 1) for person in people)


def test_a_batch_that_fails_leaves_nothing_behind_and_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people = make_users(25)
    known = {"gone": register(monkeypatch, "gone")}
    failing = notify(people, "gone").fanout_id
    other = notify(people, title="other").fanout_id
    monkeypatch.setattr(kinds, "_kinds", {})
    for attempt in range(4, 7):
        # The wait is by the database's clock, which a test cannot move.
        FanoutBatch.objects.filter(fanout=failing).update(attempts=attempt, due_at=None)
        with pytest.raises(Invalid, match="No kind 'gone'"):
            expand_fanouts()
        batch = FanoutBatch.objects.get(fanout=failing)
        assert batch.due_at is not None and batch.attempts == attempt + 1
        assert (batch.due_at - timezone.now()) > dt.timedelta(seconds=2**attempt - 15)
        assert f"a batch of fan-out {failing} failed and is tried again in {2**attempt} s" in caplog.text
        if attempt == 4:
            assert expand() == [25], "the other one has its turn"
    assert expand() == [] and not Notification.objects.exclude(source=other).exists()
    monkeypatch.setattr(kinds, "_kinds", known)
    FanoutBatch.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    assert expand() == [25]
    assert all(counters(person) == (2, 2) for person in people)


def register(monkeypatch: pytest.MonkeyPatch, name: str) -> kinds.Kind:
    monkeypatch.setattr(kinds, "_kinds", {})
    return register_kind(name, {"fr": ("Titre", "")})


def test_the_pace_follows_what_a_batch_takes() -> None:
    pace = fanout.Pace()
    for _ in range(5):
        pace.learn(pace.size, 0.001)
    assert pace.size == fanout.BATCH, "a quick database gets the largest"
    pace.learn(500, 0.1)
    assert pace.size == 150, "so many fit into the time a batch may take"
    pace.learn(3, 0.02)
    assert pace.size == 150, "a last small batch says little"
    pace.learn(150 - fanout.ROW + 1, 0.001)
    assert pace.size == 300, "a batch is made of whole rows"
    pace.learn(300, 0.06)
    pace.learn(150, 60)
    assert pace.size == fanout.SMALLEST, "each batch has a cost of its own"
    pace.learn(fanout.SMALLEST, 0.001)
    assert pace.size == 2 * fanout.SMALLEST, "one quick batch may be an accident"


def test_a_batch_is_followed_by_a_pause_where_anybody_else_may_wait() -> None:
    assert [pause_after("sqlite", share) for share in (0.0, 0.5)] == [PAUSE, PAUSE]
    assert [pause_after("postgresql", share) for share in (0.0, 0.5)] == [0.0, PAUSE]


def test_only_the_work_of_other_threads_counts() -> None:
    def busy() -> None:
        begun = time.thread_time()
        while time.thread_time() < begun + 0.1:
            pass

    before = seconds_of_others()
    busy()
    alone = seconds_of_others() - before
    other = threading.Thread(target=busy)
    other.start()
    other.join()
    assert alone < 0.05 < seconds_of_others() - before
