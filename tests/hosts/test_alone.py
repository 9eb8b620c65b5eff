"""Notifications alone: four apps, one route, users keyed by UUID who sign in by e-mail address; nothing else of Carillon's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import pytest

from tests.hosts.host import Host, Visitor, project
from tests.support.covers import covers
from tests.support.sockets import NativeSocket, open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

ANNA, BEN = "anna@example.org", "ben@example.org"
BY_SQL = """
from django.db import connection
from solo.models import Account
key = Account._meta.pk.get_db_prep_value(Account.objects.get(email={email!r}).pk, connection)
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO carillon_notifications_notification (user_id, title) VALUES (%s, %s)", [key, {title!r}])
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(project("alone"), "solo", tmp_path_factory.mktemp("alone")).prepare(ANNA, BEN).serve()
    yield host
    host.kill()


@pytest.fixture
def anna(host: Host) -> Iterator[Visitor]:
    with Visitor(host) as visitor:
        yield visitor.sign_in(ANNA)


def _opened(host: Host, visitor: Visitor) -> AbstractAsyncContextManager[NativeSocket]:
    return open_socket(host.socket_url(), cookie=visitor.cookie, origin=host.url)


async def _rung(socket: NativeSocket) -> dict[str, object]:
    told: dict[str, object] = (await socket.next("notification.created", seconds=15))["data"]["notification"]
    return told


@covers("000-41", "001-11", "001-17")
def test_four_apps_and_one_route_are_all_it_takes(host: Host) -> None:
    settings, urls = ((project("alone") / "solo" / name).read_text() for name in ("settings.py", "urls.py"))
    assert len(re.findall(r'"carillon\.', settings)) == 4
    assert re.findall(r'include\("([^"]+)"\)', urls) == ["carillon.notifications.urls"]
    assert "no issues" in host.manage("check", "--database", "default")
    assert "No changes detected" in host.manage("makemigrations", "--check", "--dry-run")


@covers("000-01", "000-12", "000-36")
async def test_a_person_with_a_uuid_is_notified_read_and_counted(host: Host, anna: Visitor) -> None:
    async with _opened(host, anna) as socket:
        key = socket.hello["person"]["id"]
        assert (str(UUID(key)), socket.hello["user_topic"]) == (key, f"user:{key}")
        made = await asyncio.to_thread(anna.submit, "/orders/", to=key, text="À vous")
        told = await _rung(socket)
        assert (told["id"], told["title"]) == (made.json()["id"], "À vous")
        assert told["actor"] == socket.hello["person"]
        page = (await asyncio.to_thread(anna.get, "/api/notifications/")).json()
        assert page["results"][0] == told
        read = await asyncio.to_thread(anna.write, f"/api/notifications/{told['id']}/read/", {})
        event = await socket.next("notification.updated")
        assert event["data"]["inbox"] == read.json()["inbox"]
        assert read.json()["inbox"]["unread"] == page["inbox"]["unread"] - 1


async def test_another_person_sees_and_changes_nothing_of_it(host: Host, anna: Visitor) -> None:
    async with _opened(host, anna) as socket:
        id = anna.submit("/orders/", to=socket.hello["person"]["id"], text="Mine").json()["id"]
    with Visitor(host) as ben:
        ben.sign_in(BEN)
        assert ben.get(f"/api/notifications/{id}/").status_code == 404
        assert ben.write(f"/api/notifications/{id}/read/", {}).status_code == 404
        assert id not in {row["id"] for row in ben.get("/api/notifications/").json()["results"]}


@covers("001-10", "001-13")
async def test_rows_by_plain_sql_and_a_call_from_a_shell_ring_too(host: Host, anna: Visitor) -> None:
    async with _opened(host, anna) as socket:
        await asyncio.to_thread(host.manage, "shell", "-c", BY_SQL.format(email=ANNA, title="By SQL"))
        assert (await _rung(socket))["title"] == "By SQL"
        await asyncio.to_thread(host.manage, "carillon_notify", ANNA, "From a shell")
        assert (await _rung(socket))["title"] == "From a shell"


@covers("001-15")
async def test_the_admin_finds_people_by_their_address_sends_and_deletes(host: Host, anna: Visitor) -> None:
    page = "/admin/carillon_notifications/notification/"
    async with _opened(host, anna) as socket:
        key = socket.hello["person"]["id"]
        search = {"app_label": "carillon_notifications", "model_name": "notification", "field_name": "user"}
        found = anna.get("/admin/autocomplete/", params={**search, "term": "anna@"}).json()["results"]
        assert [each["id"] for each in found] == [key]
        assert "autocomplete" in (await asyncio.to_thread(anna.get, f"{page}add/")).text
        fields = {"user": key, "type": "system", "severity": "info", "title": "From the admin", "message": "By hand"}
        sent = await asyncio.to_thread(anna.submit, f"{page}add/", **fields)
        assert sent.status_code == 302, sent.text
        told = await _rung(socket)
        assert (told["title"], told["message"]) == ("From the admin", "By hand")
        gone = await asyncio.to_thread(anna.submit, f"{page}{told['id']}/delete/", post="yes")
        assert gone.status_code == 302, gone.text
        assert (await socket.next("notification.deleted"))["data"]["ids"] == [told["id"]]
    for table in ("notification", "inbox", "fanout"):
        assert anna.get(f"/admin/carillon_notifications/{table}/").status_code == 200
    assert anna.get(f"/admin/carillon_notifications/inbox/{key}/change/").status_code == 200
