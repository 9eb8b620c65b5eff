"""Buttons that are pressed: carried out once, and told everywhere."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction
from django.utils import timezone, translation
from rest_framework.test import APIClient

from carillon.errors import Conflict, Invalid, NotFound
from carillon.notifications import actions, notify, pressed, settle_buttons
from carillon.notifications.models import Notification
from carillon.people.actions import update_profile
from tests.features.notifications.answering import LINK, NO, YES, host
from tests.features.notifications.inbox import counters, events_of, last_state, recount
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def fresh_host() -> Iterator[None]:
    host.reset()
    yield
    host.reset()


def ask(user: Any, **options: Any) -> str:
    """The id of a new notification with two commands and a link."""
    return str(notify(user, title="Viendrez-vous ?", **{"buttons": [YES, NO, LINK], **options}).notifications[0].pk)


def test_a_press_runs_the_hosts_function_and_settles_the_notification() -> None:
    alice = make_user()
    update_profile(alice, language="en")
    id = ask(alice)
    host.work = lambda user, notification, data: f"{notification.title} {data['seat']} {translation.get_language()}"
    done = actions.press(alice.pk, id, "yes")
    assert host.calls == [(alice.pk, id, {"seat": 3})]
    assert (done.inbox.unread, done.inbox.unseen) == (0, 0)
    state = last_state(alice)
    told = state["data"]["pressed"]
    assert (told["name"], told["label"], told["text"]) == ("yes", "Yes", "Viendrez-vous ? 3 en")
    assert abs(timezone.now() - dt.datetime.fromisoformat(told["at"])) < dt.timedelta(minutes=1)
    assert [each["name"] for each in state["data"]["actions"]] == ["see"], "the link is still useful"
    assert state["is_read"] and state["is_seen"]
    assert done.position is not None and done.position.offset == len(events_of(alice))
    assert counters(alice) == recount(alice) == (0, 0)


def test_again_and_elsewhere_it_shows_what_was_chosen_and_runs_nothing() -> None:
    alice = make_user()
    id = ask(alice)
    actions.press(alice.pk, id, "no")
    told = len(events_of(alice))
    again = actions.press(alice.pk, id, "yes")
    assert len(host.calls) == 1 and len(events_of(alice)) == told
    assert again.rows[0].pressed is not None
    assert (again.rows[0].pressed["name"], again.rows[0].pressed["text"]) == ("no", "Décliné")


def test_two_that_press_at_once_run_it_once() -> None:
    alice = make_user()
    id = ask(alice)
    entered, start = threading.Event(), threading.Barrier(2)
    outcomes: list[Any] = []

    def slow(user: Any, notification: Any, data: Any) -> str:
        entered.set()
        # Long enough for the other to come; it waits for this one's commit.
        threading.Event().wait(0.3)
        return "Fait"

    host.work = slow

    def press(name: str) -> None:
        start.wait(10)
        try:
            outcomes.append(actions.press(alice.pk, id, name).rows[0].pressed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(name,)) for name in ("yes", "no")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert entered.is_set() and len(host.calls) == 1
    assert len(outcomes) == 2 and outcomes[0] == outcomes[1], "both show the same choice"
    assert len(events_of(alice)) == 2
    assert counters(alice) == recount(alice) == (0, 0)


@pytest.mark.parametrize("error", [Conflict("conflict", "Ce créneau vient d’être pris."), RuntimeError("boom")])
def test_a_refusal_of_the_host_undoes_everything_and_leaves_the_button(error: Exception) -> None:
    alice = make_user()
    id = ask(alice)

    def refuse(user: Any, notification: Any, data: Any) -> str:
        make_user("written-in-the-handler")
        notify(user, title="told in the handler")
        raise error

    host.work = refuse
    with pytest.raises(type(error)):
        actions.press(alice.pk, id, "yes")
    assert not get_user_model().objects.filter(username="written-in-the-handler").exists()
    assert len(events_of(alice)) == 1 and counters(alice) == (1, 1)
    assert Notification.objects.get().pressed is None
    host.work = None
    assert actions.press(alice.pk, id, "yes").rows[0].is_read


def test_what_the_host_writes_and_tells_commits_with_it() -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    id = ask(alice)
    is_open: list[bool] = []

    def tell_bruno(user: Any, notification: Any, data: Any) -> None:
        is_open.append(connection.in_atomic_block)
        notify(bruno, title="Alice vient")
        # The host's own view does the same when the answer is given there.
        settle_buttons(user, "yes", id=notification.pk)

    host.work = tell_bruno
    actions.press(alice.pk, id, "yes")
    assert is_open == [True]
    assert [name for name, _ in events_of(bruno)] == ["notification.created"]
    assert last_state(alice)["data"]["pressed"]["name"] == "yes" and len(events_of(alice)) == 2


def test_the_host_may_delete_what_was_answered() -> None:
    alice = make_user()
    id = ask(alice)
    host.work = lambda user, notification, data: actions.delete(user.pk, [notification.pk]) and None
    assert actions.press(alice.pk, id, "yes").rows == []
    assert events_of(alice)[-1][0] == "notification.deleted" and counters(alice) == recount(alice) == (0, 0)


def test_inside_a_hosts_transaction_it_is_told_after_the_commit_or_not_at_all() -> None:
    alice = make_user()
    id = ask(alice)
    with pytest.raises(KeyError), transaction.atomic():
        assert actions.press(alice.pk, id, "yes").position is None
        raise KeyError
    assert len(events_of(alice)) == 1 and Notification.objects.get().pressed is None
    with transaction.atomic():
        actions.press(alice.pk, id, "yes")
        assert len(events_of(alice)) == 1
    assert last_state(alice)["data"]["pressed"]["name"] == "yes" and counters(alice) == (0, 0)


def test_only_its_person_presses_and_only_what_is_there() -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    id, plain = ask(alice), notify(alice, title="x").notifications[0].pk
    for user, of in ((bruno, id), (alice, "000000000000")):
        with pytest.raises(NotFound):
            actions.press(user.pk, of, "yes")
    for of, name in ((id, "maybe"), (id, "see"), (plain, "yes")):
        with pytest.raises(Invalid):
            actions.press(alice.pk, of, name)
    assert host.calls == [] and not Notification.objects.exclude(pressed=None).exists()


def test_a_command_that_is_gone_is_a_refusal_and_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_user()
    id = ask(alice)
    monkeypatch.setattr("carillon.notifications.buttons._handlers", {})
    with pytest.raises(Conflict):
        actions.press(alice.pk, id, "yes")
    assert Notification.objects.get().pressed is None


def test_settled_elsewhere_the_buttons_go_and_it_rings_no_more() -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    notify([alice, bruno], title="Qui vient ?", buttons=[YES, NO], dedupe_key="call:7")
    id = Notification.objects.get(user=alice).pk
    actions.snooze(alice.pk, [id], timezone.now() + dt.timedelta(hours=1))
    done = settle_buttons(alice, dedupe_key="call:7", text="Bruno s’en charge")
    assert len(done.rows) == 1
    state = last_state(alice)
    assert state["data"]["pressed"] | {"at": ""} == {"name": "", "label": "", "text": "Bruno s’en charge", "at": ""}
    assert state["data"]["actions"] == [] and state["snoozed_until"] is None and state["is_read"]
    told = len(events_of(alice))
    assert settle_buttons(alice, "yes", dedupe_key="call:7").rows == [], "once"
    assert settle_buttons(alice, "yes", dedupe_key="no such").rows == []
    assert len(events_of(alice)) == told
    settle_buttons(bruno.pk, "yes", dedupe_key="call:7")
    assert last_state(bruno)["data"]["pressed"]["label"] == "Oui"
    assert host.calls == []
    for named in ({}, {"id": id, "dedupe_key": "call:7"}):
        with pytest.raises(Invalid):
            settle_buttons(alice, **named)


def test_commands_are_registered_once_and_run_in_the_transaction() -> None:
    with pytest.raises(ValueError, match="two functions"):
        pressed("tests.answer")(lambda user, notification, data: None)

    async def later(user: Any, notification: Any, data: Any) -> None:
        """Never runs."""

    with pytest.raises(TypeError, match="coroutine"):
        pressed("tests.later")(later)  # type: ignore[arg-type]


def test_over_rest() -> None:
    alice, staff = make_user("alice"), make_user("staff", is_staff=True)
    client = APIClient()
    client.force_authenticate(staff)
    label = {"fr": "Oui", "en": "Yes"}
    sent = client.post(
        "/api/v1/notifications/",
        {
            "recipients": ["alice"],
            "title": "Viendrez-vous ?",
            "buttons": [{"name": "yes", "label": label, "command": "tests.answer", "data": {"seat": 9}}],
        },
        format="json",
    )
    assert sent.status_code == 201, sent.content
    [id] = sent.json()["ids"]
    client.force_authenticate(alice)
    answers = [client.post(f"/api/v1/notifications/{id}/press/", {"action": "yes"}, format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert host.calls == [(alice.pk, id, {"seat": 9})]
    assert [answer.json()["notifications"][0]["data"]["pressed"]["name"] for answer in answers] == ["yes", "yes"]
    host.work = lambda user, notification, data: None
    refused = client.post(f"/api/v1/notifications/{id}/press/", {"action": "see"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
