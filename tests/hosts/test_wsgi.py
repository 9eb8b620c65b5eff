"""Carillon in a host that serves WSGI, with `carillon_worker` beside it, and sockets in a process of their own or nowhere.

Served by Django's threaded WSGI server, twice over one PostgreSQL: like the threaded workers of a pre-forking server, each
request runs in a thread whose database connection ends with it, and no process has an event loop.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.hosts.host import Host, Visitor, postgresql, project
from tests.support import postgres, processes
from tests.support.covers import covers
from tests.support.sockets import open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

FEW, CROWD = 25, 1_200
MAKE_CROWD = """
from django.contrib.auth.models import User
for name, number in {sizes!r}.items():
    User.objects.bulk_create(User(username=name + str(each)) for each in range(number))
"""


class Site:
    """The host: one database, any number of processes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, postgres.create_database(postgres.shared_url(), "wsgi_host")
        self._workers = 0
        self.pages, self.more_pages, self.sockets = (self._process(name) for name in ("1", "2", "asgi"))
        self.pages.prepare("anna")
        self.pages.manage("shell", "-c", MAKE_CROWD.format(sizes={"few": FEW, "crowd": CROWD}))

    def worker(self) -> Any:
        """Start a `carillon_worker`."""
        self._workers += 1
        log = self.folder / f"worker{self._workers}.log"
        return processes.start(self.pages.command("carillon_worker"), log, env=self.pages.environment)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run SQL that knows nothing of Carillon's Python."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def told(self, title: str) -> int:
        """How many rows of this title are announced."""
        query = "SELECT count(*) FROM carillon_notifications_notification WHERE title = %s AND announced_at IS NOT NULL"
        return int(self.sql(query, title)[0][0])

    def insert(self, title: str) -> None:
        """A row of anna's, by plain SQL."""
        self.sql(
            "INSERT INTO carillon_notifications_notification (user_id, title) "
            "SELECT id, %s FROM auth_user WHERE username = 'anna'",
            title,
        )

    def _process(self, name: str) -> Host:
        return Host(project("wsgi"), "counter", self.folder / name, postgresql(self.url))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("wsgi"))
    for host in (site.pages, site.more_pages):
        host.serve("runserver")
    yield site
    for host in (site.pages, site.more_pages, site.sockets):
        host.kill()


@pytest.fixture
def worker(site: Site) -> Iterator[Callable[[], Any]]:
    started: list[Any] = []

    def start() -> Any:
        started.append(site.worker())
        return started[-1]

    yield start
    for process in started:
        processes.kill(process)


@pytest.fixture
def anna(site: Site) -> Iterator[Visitor]:
    with Visitor(site.pages) as visitor:
        yield visitor.sign_in("anna")


def polled(visitor: Visitor) -> list[str]:
    """What a front end without a socket finds when it asks again."""
    before = visitor.get("/live/notifications/inbox/").json()["inbox"]
    answer = visitor.get("/live/notifications/")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    after = visitor.get("/live/notifications/inbox/").json()["inbox"]
    # A worker may ring in between; what has one version is the same.
    assert before["version"] <= found["inbox"]["version"] <= after["version"]
    assert all(found["inbox"] == each for each in (before, after) if each["version"] == found["inbox"]["version"])
    return [row["title"] for row in found["results"]]


@covers("000-36")
async def test_without_asgi_the_socket_is_refused_and_polling_is_all_it_takes(site: Site, anna: Visitor) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(site.pages.socket_url()):
            pass
    assert refused.value.response.status_code == 404
    made = anna.submit("/orders/", text="Over the counter").json()
    assert made["offset"], "our own transaction says where its event stands"
    assert polled(anna)[0] == "Over the counter"
    before = anna.get("/live/notifications/inbox/").json()["inbox"]["unread"]
    with Visitor(site.more_pages) as elsewhere:
        assert elsewhere.sign_in("anna").write(f"/live/notifications/{made['id']}/read/", {}).status_code == 200
    assert anna.get("/live/notifications/inbox/").json()["inbox"]["unread"] == before - 1
    # Even with nobody to announce it: who asks is told first what waits for them.
    site.insert("By SQL, and no worker")
    assert polled(anna)[0] == "By SQL, and no worker"


@covers("001-13")
async def test_the_worker_does_what_is_left_to_it(site: Site, anna: Visitor, worker: Callable[[], Any]) -> None:
    made = anna.submit("/everybody/", names="few", text="For twenty-five").json()
    assert (made["rows"], len(made["fanout"])) == (0, 36)
    asleep = anna.submit("/orders/", text="Later").json()["id"]
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)).isoformat()
    assert anna.write(f"/live/notifications/{asleep}/snooze/", {"until": until}).status_code == 200
    site.insert("By SQL")
    assert site.told("For twenty-five") == site.told("By SQL") == 0
    process = worker()
    processes.wait_for(lambda: site.told("For twenty-five") == FEW and site.told("By SQL") == 1, "the worker")
    # A snooze that is over rings under a new number.
    processes.wait_for(lambda: polled(anna)[0] == "Later", "the end of the snooze")
    assert processes.stop(process) == 0


async def test_a_worker_that_is_killed_is_continued_by_the_next(
    site: Site, anna: Visitor, worker: Callable[[], Any]
) -> None:
    first = worker()
    anna.submit("/everybody/", names="crowd", text="For the crowd")
    processes.wait_for(lambda: site.told("For the crowd") > 0, "the first batch", every=0.001)
    processes.kill(first)
    left = CROWD - site.told("For the crowd")
    site.insert("While nobody worked")
    worker()
    processes.wait_for(lambda: site.told("For the crowd") == CROWD, f"the other {left}")
    processes.wait_for(lambda: site.told("While nobody worked") == 1, "the row of nobody's")
    query = "SELECT count(*), count(DISTINCT user_id) FROM carillon_notifications_notification WHERE title = 'For the crowd'"
    assert site.sql(query) == [(CROWD, CROWD)]


async def test_sockets_in_a_process_of_their_own_hear_it(site: Site, anna: Visitor, worker: Callable[[], Any]) -> None:
    site.sockets.serve("uvicorn")
    worker()
    # The proxy serves both under one address, so the cookie and the origin are those of the pages.
    address, page = site.sockets.socket_url(), site.sockets.url
    async with open_socket(address, cookie=anna.cookie, origin=page) as socket:
        made = (await asyncio.to_thread(anna.submit, "/orders/", text="By WSGI")).json()
        event = await socket.next("notification.created", seconds=15)
        assert (event["data"]["notification"]["id"], event["offset"]) == (made["id"], made["offset"])
        await asyncio.to_thread(site.insert, "By SQL, and rings")
        event = await socket.next("notification.created", seconds=15)
        assert event["data"]["notification"]["title"] == "By SQL, and rings"
        await socket.write("notification.read", {"ids": [event["data"]["notification"]["id"]]})
        shown = (await asyncio.to_thread(anna.get, "/live/notifications/")).json()["results"][0]
        assert (shown["title"], shown["is_read"]) == ("By SQL, and rings", True)
