"""10,000 people, one call, and the server killed in the middle of it: everyone has it once, and who is connected hears of it once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from tests.support import postgres, processes
from tests.support.server import Server
from tests.support.sockets import Frame, NativeSocket, open_socket
from tests.support.stored import rows

pytestmark = [pytest.mark.serial, pytest.mark.long, pytest.mark.timeout(300)]

CROWD = 10_000
TITLE = "La plateforme sera fermée dimanche"
FANOUT = "FROM carillon_notifications_fanout"
# Another process than the server's, as a host's cron job is: nothing but the database tells the server. Those who can
# sign in have the lowest keys, so their turn comes last.
CALL = f"""
from django.contrib.auth import get_user_model
from carillon.notifications import notify
from carillon.people.audiences import everyone
model = get_user_model()
model.objects.bulk_create([model(username=f"crowd{{n}}", password="!") for n in range({CROWD})], batch_size=1000)
print("FANOUT", notify(everyone().order_by("-pk"), title="{TITLE}").fanout_id)
"""
# What a release before 0003 may have left: a fan-out to 40 people of whom 30 were passed, and one that is finished.
OLDER = """
import json
from django.contrib.auth import get_user_model
from django.db import connection
model = get_user_model()
model.objects.bulk_create([model(username=f"p{n}", password="!") for n in range(40)])
keys = [str(key) for key in model.objects.order_by("pk").values_list("pk", flat=True)]
at = "2026-03-01 12:00:00+00:00"
with connection.cursor() as cursor:
    cursor.executemany(
        "INSERT INTO carillon_notifications_fanout (id, recipients, content, done, created_at, finished_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [
            ["1".rjust(32, "0"), json.dumps(keys), json.dumps({"title": "left open"}), 30, at, None],
            ["2".rjust(32, "0"), json.dumps(keys[:20]), json.dumps({"title": "finished"}), 20, at, at],
        ],
    )
print("KEYS", *keys)
"""
EXPAND = (
    "from carillon.notifications.actions import expand_fanouts; print('PASSED', expand_fanouts(), expand_fanouts())"
)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else postgres.create_database(postgres.shared_url(), "fanout")


def one(server: Server, query: str) -> Any:
    [row] = rows(server, query)
    return row if len(row) > 1 else row[0]


def told(socket: NativeSocket) -> list[Frame]:
    created = [frame for frame in socket.frames if frame["type"] == "notification.created"]
    return [frame for frame in created if frame["data"]["notification"]["title"] == TITLE]


async def test_everyone_is_notified_once_though_the_server_is_killed_meanwhile(
    make_server: Callable[..., Server], database_url: str
) -> None:
    server = make_server(database_url=database_url).start()
    people = one(server, "SELECT COUNT(*) FROM auth_user") + CROWD
    tokens = {name: server.login(name) for name in ("alice", "bruno")}
    async with open_socket(server.socket_url, bearer=tokens["bruno"]) as bruno:
        position = bruno.hello["position"]
    await asyncio.to_thread(server.carillon, "shell", "-v0", "-c", CALL)
    await asyncio.to_thread(processes.wait_for, lambda: one(server, f"SELECT done {FANOUT}") > 0, "a first batch")
    server.kill()
    assert 0 < one(server, f"SELECT done {FANOUT}") < people, "the server was to be killed in the middle"
    server.restart()
    async with open_socket(server.socket_url, bearer=tokens["alice"]) as alice:
        is_done = f"SELECT COUNT(*) {FANOUT} WHERE finished_at IS NOT NULL"
        await asyncio.to_thread(processes.wait_for, lambda: one(server, is_done) == 1, "everybody's turn", 150)
        await alice.until(lambda frame: TITLE in str(frame), seconds=30)
        await alice.command("ping")
        assert len(told(alice)) == 1, "who is connected hears of it"
    async with open_socket(server.socket_url, bearer=tokens["bruno"]) as bruno:
        await bruno.command("subscribe", {"topic": bruno.hello["user_topic"], "position": position})
        await bruno.until(lambda frame: TITLE in str(frame), seconds=30)
        await bruno.command("ping")
        assert len(told(bruno)) == 1, "who was away catches up"
    _judge(server, people)


def _judge(server: Server, people: int) -> None:
    """Everyone has exactly one, its event, and the counters that a recount gives."""
    mine = f"FROM carillon_notifications_notification WHERE title = '{TITLE}'"
    assert one(server, f"SELECT COUNT(*), COUNT(DISTINCT user_id), COUNT(number) {mine}") == (people,) * 3
    created = "FROM carillon_realtime_storedevent WHERE type = 'notification.created' AND data LIKE '%sera fermée%'"
    assert one(server, f"SELECT COUNT(*), COUNT(DISTINCT topic) {created}") == (people,) * 2
    wrong = """
        SELECT COUNT(*) FROM carillon_notifications_inbox i JOIN (
            SELECT user_id, MAX(number) AS last, SUM(CASE WHEN NOT is_read THEN 1 ELSE 0 END) AS unread,
                SUM(CASE WHEN seen_at IS NULL THEN 1 ELSE 0 END) AS unseen
            FROM carillon_notifications_notification WHERE archived_at IS NULL AND snoozed_until IS NULL GROUP BY user_id
        ) n ON n.user_id = i.user_id
        WHERE i.unread <> n.unread OR i.unseen <> n.unseen OR i.last_number <> n.last
    """
    assert one(server, wrong) == 0
    [data] = [json.loads(row[0]) for row in rows(server, f"SELECT data {created} LIMIT 1")]
    assert data["notification"]["title"] == TITLE
    fresh = "FROM carillon_notifications_inbox WHERE unread = 1 AND unseen = 1 AND version = 1 AND last_number = 1"
    assert one(server, f"SELECT COUNT(*) {fresh}") >= CROWD
    assert one(server, "SELECT COUNT(*) FROM carillon_notifications_fanoutbatch") == 0
    assert one(server, f"SELECT done, total {FANOUT}") == (people, people)


def test_a_fanout_that_an_older_release_left_open_is_finished(
    make_server: Callable[..., Server], tmp_path: Any, database_url: str
) -> None:
    batches = import_module("carillon.notifications.migrations.0003_fanout_batches")
    [(app, older)] = batches.Migration.dependencies
    server = Server(tmp_path / "older", database_url=database_url)
    server.carillon("migrate", "--verbosity", "0", app, older)
    printed = server.carillon("shell", "-v0", "-c", OLDER)
    keys = printed.split("KEYS ")[1].split()
    server.carillon("migrate", "--verbosity", "0")
    assert "PASSED 10 0" in server.carillon("shell", "-v0", "-c", EXPAND)
    notified = rows(server, "SELECT user_id FROM carillon_notifications_notification ORDER BY user_id")
    assert [str(key) for (key,) in notified] == keys[30:]
    assert rows(server, f"SELECT done, total {FANOUT} ORDER BY id") == [(40, 40), (20, 20)]
