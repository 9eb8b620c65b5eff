"""snapshot + events = snapshot, for every write of notifications; the same cases are replayed by the TypeScript reducers.

The cases stand in protocol/cases; `CARILLON_WRITE_CASES=1` writes them anew.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from carillon.notifications import actions, models, notify
from carillon.notifications.actions.renewing import Renewal, renew_each
from carillon.notifications.actions.sets import lock_inboxes
from carillon.notifications.content import Content
from carillon.notifications.queries import Filters, inbox_of, read_page, states_of
from carillon.realtime import log
from carillon.realtime.event import encode_json
from carillon.realtime.identity import plain
from carillon.realtime.outbox import outbox
from carillon.realtime.topic import user_topic
from carillon.rest.pages import PageRequest
from tests.features.notifications.answering import LINK, NO, YES
from tests.features.notifications.client import reduce
from tests.features.notifications.inbox import events_of
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

CASES = Path(__file__).resolve().parents[3] / "protocol" / "cases"
START = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
EPOCH = "e.0"


class Ring:
    """One person with seven notifications in every state; ids count up, so that cases are the same each time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, clock: Any, series: int = 0) -> None:
        self.clock, self.series = clock, series
        self.made = 0
        # Where Django keeps what makes a default.
        monkeypatch.setattr(models.Notification._meta.get_field("id"), "_get_default", self.new_id)
        monkeypatch.setattr("carillon.notifications.actions.delivering.new_ids", self.new_ids)
        self.user = make_user()
        self.ids = [self.send(f"Nouvelle {n}") for n in range(1, 8)]
        one, two, three, four, *_ = self.ids
        actions.mark_read(self.user.pk, [one])
        actions.archive(self.user.pk, [two])
        actions.snooze(self.user.pk, [three], timezone.now() + dt.timedelta(hours=3))
        actions.mark_seen(self.user.pk, 4)
        self.stamp = ""
        self.four = four

    def new_id(self) -> str:
        self.made += 1
        return f"{self.series:04x}{self.made:08x}"

    def new_ids(self, count: int) -> list[str]:
        return [self.new_id() for _ in range(count)]

    def send(self, title: str, **options: Any) -> str:
        self.clock.shift(60)
        return str(notify(self.user, title=title, message="…", **options).notifications[0].pk)

    def ask(self) -> str:
        return self.send("Viendrez-vous\u202f?", buttons=[YES, NO, LINK])

    def snapshot(self, view: str, limit: int = 100) -> dict[str, Any]:
        page = read_page(self.user.pk, user_topic(self.user.pk), Filters(view=view), PageRequest(limit=limit))
        return {
            "results": json.loads(encode_json(page.results)),
            "next": "more" if page.next else None,
            "inbox": plain(page.inbox),
            "position": {"epoch": EPOCH, "offset": page.position.offset},
        }

    def items(self) -> dict[str, Any]:
        rows = models.Notification.objects.filter(user=self.user).announced()
        return {
            "items": {row.pk: plain(state) for row, state in zip(rows, states_of(rows), strict=True)},
            "inbox": plain(inbox_of(self.user.pk)),
        }


def _undo_all_read(ring: Ring) -> None:
    stamp = actions.mark_all_read(ring.user.pk).stamp or ""
    ring.clock.shift(5)
    actions.restore_unread(ring.user.pk, stamp)


def _wake(ring: Ring) -> None:
    ring.clock.shift(4 * 3600)
    assert actions.wake_snoozed() >= 1


def _drift(ring: Ring) -> None:
    models.Inbox.objects.filter(pk=ring.user.pk).update(unread=99)
    assert actions.correct(ring.user.pk)


def _hosted(act: Callable[[Ring], object]) -> Callable[[Ring], None]:
    def run(ring: Ring) -> None:
        with transaction.atomic():
            act(ring)

    return run


def _behind_our_back(ring: Ring) -> None:
    ring.clock.shift(60)
    models.Notification.objects.create(user=ring.user, title="Insérée", is_read=True)
    models.Notification.objects.create(user=ring.user, title="Insérée aussi")
    actions.settle_pending()


def _told_by_host(ring: Ring) -> None:
    """A host's code stores a row and tells of it itself, as REQUIREMENTS 000-19 does."""
    ring.clock.shift(60)
    row = models.Notification.objects.create(user=ring.user, title="Annoncée par l’hôte")
    assert actions.ring(str(ring.user.pk), row.pk) and actions.ring(str(ring.user.pk), row.pk)


def _renew(ring: Ring) -> None:
    """A group that has an unread notification rings with that one; the other gets a new one."""
    ring.send("Un message", group_key="talk:1")
    ring.clock.shift(60)
    renewals = [Renewal([ring.user.pk], Content(title="Deux messages", group_key=f"talk:{n}")) for n in (1, 2)]
    with outbox() as publish:
        lock_inboxes([ring.user.pk])
        renew_each(publish, renewals)


def _read_group(ring: Ring) -> None:
    for title in ("Un message", "Un autre"):
        ring.send(title, group_key="talk:1")
    actions.read_group(ring.user.pk, "talk:1")


WRITES: dict[str, Callable[[Ring], object]] = {
    "notify": lambda r: r.send("Encore une", url="/x", severity="warning"),
    "insert": _behind_our_back,
    "ring": _told_by_host,
    "mark_read": lambda r: actions.mark_read(r.user.pk, r.ids[2:5]),
    "read_group": _read_group,
    "renew": _renew,
    "mark_unread": lambda r: actions.mark_unread(r.user.pk, r.ids[:3]),
    "mark_seen": lambda r: actions.mark_seen(r.user.pk, 6),
    "mark_all_read": lambda r: actions.mark_all_read(r.user.pk),
    "mark_all_read_up_to": lambda r: actions.mark_all_read(r.user.pk, 5),
    "restore_unread": _undo_all_read,
    "archive": lambda r: actions.archive(r.user.pk, r.ids[1:5]),
    "unarchive": lambda r: actions.unarchive(r.user.pk, r.ids[:2]),
    "snooze": lambda r: actions.snooze(r.user.pk, r.ids[1:6], timezone.now() + dt.timedelta(days=1)),
    "unsnooze": lambda r: actions.unsnooze(r.user.pk, r.ids[2:3]),
    "wake_snoozed": _wake,
    "delete": lambda r: actions.delete(r.user.pk, r.ids[:4]),
    "clear_read": lambda r: actions.clear_read(r.user.pk),
    "clear_read_up_to": lambda r: actions.clear_read(r.user.pk, 1),
    "press": lambda r: actions.press(r.user.pk, r.ask(), "yes"),
    "settle_buttons": lambda r: actions.settle_buttons(r.user, "no", id=r.ask(), text="Réglé au téléphone"),
    "edit": lambda r: actions.edit(r.user.pk, r.four, title="Corrigée"),
    "correct": _drift,
}
WRITES |= {
    f"{name}_in_host_transaction": _hosted(WRITES[name])
    for name in (
        "notify",
        "mark_read",
        "mark_unread",
        "mark_seen",
        "mark_all_read",
        "restore_unread",
        "archive",
        "snooze",
        "delete",
        "clear_read",
        "press",
        "settle_buttons",
    )
}


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Any:
    with time_machine.travel(START, tick=False) as clock:
        yield Ring(monkeypatch, clock)


@covers("004-47")
@pytest.mark.both_databases
@pytest.mark.parametrize("write", sorted(WRITES))
def test_snapshot_plus_events_is_the_snapshot(ring: Ring, write: str) -> None:
    before, position = ring.items(), log.head(user_topic(ring.user.pk)).offset
    WRITES[write](ring)
    events = events_of(ring.user, after=position)
    assert events, "every write is told"
    for once_or_twice in (events, [*events, *events]):
        state = before
        for name, data in once_or_twice:
            state = reduce(state, name, data)
        assert state == ring.items()


def test_every_write_of_the_feature_has_a_case() -> None:
    told = {"notify", "anotify", "expand_fanouts", "settle", "settle_pending", "reconcile"}
    # What leaves changes nothing of what people see here.
    leaving = {"dispatch", "opt_in", "opt_out", "prune", "try_again"}
    writes = {name for name in actions.__all__ if name[0].islower()} - told - leaving
    assert writes <= set(WRITES), "a new action needs its case here"


VIEWS = (("inbox", 100), ("inbox", 3), ("archive", 100), ("snoozed", 100))


def cases_of(ring: Ring, write: str) -> list[dict[str, Any]]:
    """For each view: a snapshot, the events of a write, and the snapshot afterwards, as clients get them."""
    snapshots = [ring.snapshot(view, limit) for view, limit in VIEWS]
    start = snapshots[0]["position"]["offset"]
    WRITES[write](ring)
    events = [
        {
            "type": event.type,
            "topic": "user:1",
            "epoch": EPOCH,
            "offset": event.offset,
            "at": "2026-11-20T10:00:00.000Z",
            "data": json.loads(event.data),
        }
        for event in log.read(user_topic(ring.user.pk), start, 1000).events
    ]
    return [
        {
            "name": f"{write}, {view}, {limit} a page",
            "view": view,
            "snapshot": snapshot,
            "events": events,
            "expected": expected_after(ring, view, snapshot),
        }
        for (view, limit), snapshot in zip(VIEWS, snapshots, strict=True)
    ]


def expected_after(ring: Ring, view: str, snapshot: dict[str, Any]) -> dict[str, Any]:
    """The view now; of a page, what entered above may push it beyond its size, so it is compared down to where it reached."""
    expected = ring.snapshot(view)
    floor = snapshot["results"][-1]["number"] if snapshot["next"] else 0
    expected["results"] = [item for item in expected["results"] if item["number"] >= floor]
    return expected


def test_the_cases_that_typescript_replays_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    for series, write in enumerate(sorted(WRITES)):
        with time_machine.travel(START, tick=False) as clock:
            made = json.loads(json.dumps(cases_of(Ring(monkeypatch, clock, series), write)))
        path = CASES / f"notifications.{write}.json"
        if os.environ.get("CARILLON_WRITE_CASES"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        assert json.loads(path.read_text(encoding="utf-8")) == made, write
