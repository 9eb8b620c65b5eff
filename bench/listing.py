"""What the REST list of notifications costs, beside DRF's way with the same rows: `python -m bench.listing` prints the table.

Both begin with what the database gave: ours with tuples, DRF's ModelSerializer with objects, its relations loaded. The
requests that are counted are whole ones, signed in by token.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC
from typing import Any

from bench.runs import figures_of

SIZE, ROUNDS, SECONDS = 50, 5, 0.2
HEADS = ("database", "", "lists a second", "DRF", "ratio", "statements")
Line = tuple[str, ...]
FIELDS = (
    "id", "number", "type", "severity", "kind", "title", "message", "url", "icon", "group_key", "actor", "data",
    "message_id", "is_read", "is_seen", "is_archived", "snoozed_until", "read_at", "created_at",
)  # fmt: skip


def measure() -> list[Line]:
    """The rows of the table under HEADS, on both databases."""
    from tests.support import postgres

    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_listing")}
    return [(name, *_line(url)) for name, url in databases.items()]


def _line(database_url: str) -> Line:
    ours, theirs, statements = figures_of("bench.listing", database_url, "here")
    return (f"REST list of {SIZE}", f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.1f}", str(statements))


def here() -> tuple[float, float, int]:
    """Lists a CPU-second, ours and DRF's, and the statements of a request, on the database of this process."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from carillon.notifications import actions
    from carillon.people.models import Profile

    people: Any = get_user_model()._default_manager
    reader, *others = (people.create(username=f"reader{n}", first_name="Ada", last_name=f"L{n}") for n in range(6))
    Profile.objects.bulk_create(Profile(user=other, role="author", avatar_url="/ada.png") for other in others)
    for place in range(SIZE + 10):
        actions.notify(
            reader,
            title="Your report is ready",
            message="It has 12 pages and can be downloaded for a week.",
            url=f"/reports/{place}/",
            data={"report": place, "pages": 12},
            actor=others[place % len(others)],
        )
    ours, theirs = _ours(reader.pk), _theirs(reader.pk)
    # DRF writes times in the zone of the server; to change them would cost it more.
    timezone.activate(UTC)
    if json.loads(ours()) != json.loads(theirs()):
        raise RuntimeError("both are to say the same")
    rates = [(_rate(ours), _rate(theirs)) for _ in range(ROUNDS)]
    return max(one for one, _ in rates), max(other for _, other in rates), _statements(reader)


def _ours(reader: Any) -> Callable[[], bytes]:
    from carillon.notifications.queries import Filters
    from carillon.notifications.queries.snapshots import fetch, snapshot
    from carillon.notifications.topics import topic_of
    from carillon.realtime.event import encode_json
    from carillon.rest.pages import PageRequest

    rows = fetch(reader, topic_of(reader), Filters(), PageRequest(limit=SIZE))
    return lambda: encode_json(snapshot(rows, SIZE).results)


def _theirs(reader: Any) -> Callable[[], bytes]:
    from django.contrib.auth import get_user_model
    from rest_framework.renderers import JSONRenderer
    from rest_framework.serializers import CharField, ModelSerializer, SerializerMethodField

    from carillon.notifications.models import Notification

    class FaceSerializer(ModelSerializer[Any]):
        id, name = CharField(), CharField(source="get_full_name")
        role, avatar = CharField(source="carillon_profile.role"), CharField(source="carillon_profile.avatar_url")

        class Meta:
            model, fields = get_user_model(), ("id", "name", "role", "avatar", "username")

    class NotificationSerializer(ModelSerializer[Any]):
        actor = FaceSerializer()
        is_seen, is_archived = SerializerMethodField(), SerializerMethodField()

        def get_is_seen(self, row: Notification) -> bool:
            return row.seen_at is not None

        def get_is_archived(self, row: Notification) -> bool:
            return row.archived_at is not None

        class Meta:
            model = Notification
            fields = FIELDS

    rows = list(
        Notification.objects.filter(user=reader).order_by("-number").select_related("actor__carillon_profile")[:SIZE]
    )
    return lambda: JSONRenderer().render(NotificationSerializer(rows, many=True).data)


def _rate(work: Callable[[], bytes]) -> float:
    """How often in a second of this process's processor time."""
    started, done = time.process_time(), 0
    while time.process_time() < started + SECONDS:
        work()
        done += 1
    return done / (time.process_time() - started)


def _statements(reader: Any) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from carillon.people.tokens import open_session

    client = Client(headers={"Authorization": f"Bearer {open_session(reader).access}", "Host": "localhost"})
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/api/v1/notifications/?limit={SIZE}")
    assert answer.status_code == 200, answer.content
    return len(asked)


if __name__ == "__main__":
    if sys.argv[1:] == ["here"]:
        json.dump(here(), sys.stdout)
    else:
        for row in [HEADS, tuple("---" for _ in HEADS), *measure()]:
            sys.stdout.write(f"| {' | '.join(row)} |\n")
