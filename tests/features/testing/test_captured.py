"""capture_notifications(): what notify() made, however it was made, in a test that commits and in one that never does."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import TestCase, TransactionTestCase, override_settings

from carillon.notifications import anotify, notify
from carillon.notifications.models import Fanout, Notification
from carillon.testing import Captured, capture_notifications
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_it_holds_what_was_made_within_and_nothing_else() -> None:
    alice, bruno = make_user(), make_user()
    notify(alice, title="Before")
    with capture_notifications() as sent:
        notify([alice, bruno], title="Within", url="/x/", data={"n": 1})
        assert len(sent) == 2
    notify(alice, title="After")
    assert {row.user for row in sent} == {alice, bruno}
    assert {(row.title, row.url, row.data["n"]) for row in sent} == {("Within", "/x/", 1)}


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_back_was_never_made() -> None:
    alice = make_user()
    with capture_notifications() as sent:
        with transaction.atomic():
            notify(alice, title="Kept")
        with transaction.atomic():
            notify(alice, title="Rolled back")
            transaction.set_rollback(True)
        Notification.objects.create(user=alice, title="By the ORM")
    assert [row.title for row in sent] == ["Kept", "By the ORM"]


def test_a_fan_out_is_seen_without_being_carried_out() -> None:
    people = [*make_users(24), make_user(language="en")]
    with capture_notifications() as sent:
        notify(people, "demo.greeting", {"name": "Zoé"})
        assert len(sent) == 25
    sent.assert_notified(people[0], kind="demo.greeting", title="Zoé vous salue")
    sent.assert_notified(people[-1], title="Zoé says hello", params={"name": "Zoé"})
    assert not Notification.objects.exists()
    assert Fanout.objects.get().done == 0


def test_a_fan_out_of_before_is_not_seen_although_it_is_expanded_now(carillon_sweeps: object) -> None:
    notify(make_users(21), title="Before")
    with capture_notifications() as sent:
        assert not sent
        assert callable(carillon_sweeps) and carillon_sweeps("notifications.fanout") == {"notifications.fanout": 21}
    assert not sent
    assert Notification.objects.count() == 21


def test_the_brake_holds_back_here_too() -> None:
    alice = make_user()
    with override_settings(CARILLON={"BRAKE_PER_MINUTE": 2}), capture_notifications() as sent:
        for _ in range(4):
            notify(alice, title="Again")
    sent.assert_notified(alice, times=2, title="Again")


def test_expectations_are_columns_patterns_and_parts_of_data() -> None:
    alice, bruno = make_user(), make_user()
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    with capture_notifications() as sent:
        notify(alice, title="Order 12 is paid", actor=bruno, data={"order": {"id": 12, "at": at}, "more": 1})
    assert sent.assert_notified(alice) is sent[0]
    sent.assert_notified(alice.pk, title=re.compile(r"^Order \d+"), actor=bruno, severity="info")
    sent.assert_notified(alice, actor=bruno.pk, data={"order": {"id": 12, "at": at}})
    sent.assert_not_notified(alice, data={"order": {"id": 13}})
    sent.assert_not_notified(bruno)
    assert sent.to(alice, type="system") == [sent[0]]


def test_a_failure_says_what_there_was() -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    with capture_notifications() as sent:
        with pytest.raises(AssertionError, match=r"alice was not notified\.\nNo notification was made\."):
            sent.assert_notified(alice)
        notify(alice, title="Payée", url="/orders/1/", type="event")
        notify(bruno, title="Payée")
    with pytest.raises(AssertionError) as failed:
        sent.assert_notified(alice, title="Paid", type="event")
    assert str(failed.value).splitlines() == [
        "alice was not notified with title='Paid', type='event'.",
        "2 made:",
        "  1. alice: event · 'Payée' · /orders/1/",
        "       title is 'Payée'",
        "  2. bruno: system · 'Payée'",
    ]
    with pytest.raises(AssertionError, match="bruno was notified 1 times, not 2"):
        sent.assert_notified(bruno, times=2)
    with pytest.raises(AssertionError, match=r"Somebody was notified with title='Payée'.\n2 made"):
        sent.assert_not_notified(title="Payée")
    with pytest.raises(AssertionError, match="alice was notified"):
        sent.assert_not_notified(alice)
    with pytest.raises(TypeError, match="no 'titel'; is it 'title'"):
        sent.assert_notified(alice, titel="x")


def test_the_fixture_looks_on_from_the_start(carillon_outbox: Captured) -> None:
    alice = make_user()
    notify(alice, title="Seen")
    carillon_outbox.assert_notified(alice, title="Seen")


@capture_notifications()
def test_a_decorated_test_gets_it_as_its_last_argument(sent: Captured) -> None:
    alice = make_user()
    notify(alice, title="Seen")
    sent.assert_notified(alice, title="Seen")


def test_classes_are_not_decorated() -> None:
    with pytest.raises(TypeError, match="not their class"):
        capture_notifications()(TestCase)


@pytest.mark.django_db(transaction=True)
async def test_async_tests_have_its_async_names() -> None:
    alice = await get_user_model().objects.acreate(username="alice-of-async")
    async with capture_notifications() as sent:
        await anotify(alice, title="Seen")
        await sent.aassert_notified(alice, title="Seen")
        await sent.aassert_not_notified(alice, title="Never")
    sent.assert_notified(alice, times=1)


class InATestCase(TestCase):
    """Nothing is ever committed here, and all the same everything is as it would be outside."""

    def test_a_notification_is_announced_and_counted(self) -> None:
        alice = make_user()
        with capture_notifications() as sent:
            made = notify(alice, title="Seen")
        sent.assert_notified(alice, title="Seen")
        self.assertIsNotNone(made.position)
        self.client.force_login(alice)
        page = self.client.get("/api/v1/notifications/").json()
        assert ([row["title"] for row in page["results"]], page["inbox"]["unread"]) == (["Seen"], 1)

    def test_in_a_transaction_of_the_host_it_waits_for_the_commit_that_a_test_case_can_play(self) -> None:
        alice = make_user()
        with capture_notifications() as sent:
            with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
                assert notify(alice, title="Staged").position is None
                assert Notification.objects.get().number is None
            assert Notification.objects.get().number == 1
        sent.assert_notified(alice, title="Staged")

    @capture_notifications()
    def test_methods_are_decorated_too(self, sent: Captured) -> None:
        notify(make_user(), title="Seen")
        assert len(sent) == 1

    @capture_notifications()
    async def test_async_methods_are_decorated_too(self, sent: Captured) -> None:
        alice = await get_user_model().objects.acreate(username="alice-of-methods")
        await anotify(alice, title="Seen")
        await sent.aassert_notified(alice, title="Seen")


class InATransactionTestCase(TransactionTestCase):
    """Here everything is committed."""

    def test_it_captures_the_same(self) -> None:
        alice = make_user()
        with capture_notifications() as sent, transaction.atomic():
            notify(alice, title="Seen")
        sent.assert_notified(alice, title="Seen")
