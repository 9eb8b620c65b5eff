"""Ranges change what they locked and nothing else: a row that another's commit brings in would be locked out of order."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q

from carillon.conversations import actions as conversations
from carillon.conversations.models import Conversation
from carillon.notifications import actions, notify
from carillon.notifications.actions import desk, ledger, sets
from carillon.notifications.models import Inbox, Notification
from carillon.realtime.outbox import outbox
from tests.contracts.facts import await_a_waiter, in_threads
from tests.features.notifications.inbox import counters, recount
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

Act = Callable[[Any], Any]


def in_host_transaction(act: Callable[[], Any]) -> None:
    with transaction.atomic():
        act()


def after_the_lock(monkeypatch: pytest.MonkeyPatch, intrude: Callable[[], Any]) -> Callable[[], None]:
    """Let somebody else commit once rows are locked; returns what to call at the end.

    SQLite has one writer at a time: there they come when the action is done.
    """
    waiting = [intrude]

    def lock_and_let_in(users: Any, wanted: Q, **options: Any) -> Q:
        locked = sets.lock_rows(users, wanted, **options)
        if connection.vendor == "postgresql" and waiting:
            in_threads(partial(in_host_transaction, waiting.pop()))
        return locked

    monkeypatch.setattr(desk, "lock_rows", lock_and_let_in)
    monkeypatch.setattr(ledger, "lock_rows", lock_and_let_in)
    return lambda: in_host_transaction(waiting.pop()) if waiting else None


@pytest.mark.parametrize("in_transaction", [contextlib.nullcontext, transaction.atomic], ids=["ours", "a host's"])
@pytest.mark.parametrize(
    ("act", "before", "intrude", "is_read"),
    [
        (actions.mark_all_read, actions.mark_read, actions.mark_unread, False),
        (actions.clear_read, actions.mark_unread, actions.mark_read, True),
    ],
    ids=["mark all read", "clear what is read"],
)
def test_what_others_bring_in_meanwhile_stays(
    monkeypatch: pytest.MonkeyPatch,
    in_transaction: Callable[[], AbstractContextManager[Any]],
    act: Act,
    before: Callable[..., Any],
    intrude: Callable[..., Any],
    is_read: bool,
) -> None:
    user = make_user()
    for _ in range(3):
        notify(user, title="n")
    ids = sorted(Notification.objects.values_list("pk", flat=True))
    before(user.pk, ids[:1])
    intrude(user.pk, ids[1:])
    finish = after_the_lock(monkeypatch, lambda: intrude(user.pk, ids[:1]))
    with in_transaction():
        act(user.pk)
    finish()
    while actions.settle_pending():
        pass
    assert Notification.objects.get(pk=ids[0]).is_read is is_read
    assert counters(user) == recount(user)


@pytest.mark.parametrize("held", ["an inbox", "a row"])
def test_who_is_deleted_is_locked_as_everybody_locks(held: str) -> None:
    """Whoever locks the first thing of somebody's gets the rest, though their account is being deleted meanwhile."""
    user, other = make_user(), make_user()
    direct = conversations.open_direct(user, other)
    # The newest row has the first key: a deletion would find it last.
    keys = [Notification.objects.create(user=user, title="n", id=f"{number:012}").pk for number in (2, 1)]
    while actions.settle_pending():
        pass
    is_held = threading.Event()

    def delete() -> None:
        assert is_held.wait(10)
        user.delete()

    def hold_and_have_the_rest() -> None:
        with outbox():
            if held == "an inbox":
                sets.lock_inboxes([user.pk])
            else:
                list(Notification.objects.filter(pk=keys[1]).select_for_update())
            is_held.set()
            if connection.vendor == "postgresql":
                await_a_waiter()
                list(Notification.objects.filter(pk__in=keys).order_by("pk").select_for_update(nowait=True))
                list(Conversation.objects.filter(pk=direct.pk).select_for_update(nowait=True))

    in_threads(hold_and_have_the_rest, delete)
    assert not Notification.objects.exists() and not Inbox.objects.filter(pk=user.pk).exists()


def test_what_is_pending_and_held_by_others_is_waited_for_by_nobody() -> None:
    user = make_user()
    notify(user, title="n")
    told = Notification.objects.get()
    pending = Notification.objects.create(user=user, title="behind our back")
    is_held, is_done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Notification.objects.filter(pk=pending.pk).select_for_update())
            is_held.set()
            # SQLite has one writer at a time, who holds no rows.
            assert connection.vendor == "sqlite" or is_done.wait(10)

    def act() -> None:
        assert is_held.wait(10)
        actions.mark_read(user.pk, [told.pk])
        is_done.set()

    in_threads(hold, act)
    while actions.settle_pending():
        pass
    pending.refresh_from_db()
    assert pending.announced_at is not None
    assert counters(user) == recount(user) == (1, 1)
