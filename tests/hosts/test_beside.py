"""Carillon in a host with its own `notifications` and `people`, UUID keys, another prefix, and every request in a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from tests.hosts.host import Host, Visitor, postgresql, project, sqlite
from tests.support import postgres, processes
from tests.support.covers import covers
from tests.support.sockets import open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]

ANNA, BEN = "anna@example.org", "ben@example.org"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("beside")
    url = "" if request.param == "sqlite" else postgres.create_database(postgres.shared_url(), "beside")
    database = postgresql(url) if url else sqlite(folder)
    host = Host(project("beside"), "beside", folder, database).prepare(ANNA, BEN).serve()
    yield host
    host.kill()


@pytest.fixture
def anna(host: Host) -> Iterator[Visitor]:
    with Visitor(host) as visitor:
        yield visitor.sign_in(ANNA)


def _titles(visitor: Visitor) -> list[str]:
    answer = visitor.get("/rt/api/notifications/")
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["results"]]


@covers("000-41")
def test_migrations_stand_beside_the_hosts_own(host: Host) -> None:
    assert "no issues" in host.manage("check", "--database", "default")
    assert "No changes detected" in host.manage("makemigrations", "--check", "--dry-run")
    shown = host.manage("showmigrations", "--list")
    assert "[ ]" not in shown
    apps = {line for line in shown.splitlines() if not line.startswith(" ")}
    assert {"notifications", "people", "carillon_notifications", "carillon_people"} <= apps


@covers("000-01", "000-02", "003-01")
async def test_a_page_of_the_host_opens_the_socket_with_its_session_cookie(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        person = socket.hello["person"]
        assert (person["name"], socket.hello["user_topic"]) == ("anna", f"user:{person['id']}")
        assert len(person["id"]) == 36
        assert (await socket.command("subscribe", {"topic": socket.hello["user_topic"]}))["position"]["offset"] >= 0


async def test_a_page_of_another_origin_gets_no_socket(host: Host, anna: Visitor) -> None:
    for origin in ("https://evil.example", "null", f"{host.url}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=origin):
                raise AssertionError("it was let in")
        assert refused.value.response.status_code == 403


async def test_nothing_answers_under_the_default_prefix(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url("/ws/"), cookie=anna.cookie, origin=host.url, greeted=False) as socket:
        assert await socket.closed() == 4001
        assert [error["code"] for error in socket.errors] == ["not_found"]


@covers("000-03")
async def test_the_token_of_the_hosts_own_class_opens_rest_and_socket(host: Host) -> None:
    with Visitor(host) as visitor:
        token = visitor.post("/api/token/", json={"username": BEN, "password": "secret"}).json()["token"]
        answer = visitor.get("/rt/api/me/", headers={"Authorization": f"Token {token}"})
        assert (answer.status_code, answer.json()["username"]) == (200, BEN)
        async with open_socket(host.socket_url("/rt/ws/"), bearer=token) as socket:
            assert socket.hello["person"] == answer.json()["person"]
    async with open_socket(host.socket_url("/rt/ws/"), bearer=token[1:] + token[0] + "x", greeted=False) as socket:
        assert await socket.closed() == 4002
        assert socket.errors[-1]["code"] == "token_invalid"


@covers("000-12", "000-36")
async def test_a_request_in_a_transaction_rings_right_after_its_commit(
    host: Host, anna: Visitor, tmp_path: Path
) -> None:
    held = tmp_path / "held"
    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        before = len(_titles(anna))
        request = asyncio.create_task(asyncio.to_thread(anna.submit, "/orders/", text="Held", hold=str(held)))
        await asyncio.to_thread(processes.wait_for, held.exists, "the view to have notified")
        await socket.command("ping")
        assert socket.events == [], "it rang before the commit"
        held.unlink()
        answer = await request
        assert answer.json() == {"position": None, "is_atomic": True}
        event = await socket.next("notification.created")
        told = event["data"]["notification"]
        assert (told["title"], told["actor"]["name"], told["url"]) == ("Held", "anna", "/orders/")
        assert event["offset"] == socket.hello["position"]["offset"] + 1
    assert len(_titles(anna)) == before + 1
    assert "Held" in anna.get("/api/v1/notifications/").json()["own"]


async def test_a_request_that_fails_rings_nothing(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        refused = await asyncio.to_thread(anna.submit, "/orders/", text="Never", fail="1")
        assert refused.status_code == 500
        await asyncio.to_thread(anna.submit, "/orders/", text="After it")
        event = await socket.next("notification.created")
        assert event["data"]["notification"]["title"] == "After it"
        assert event["offset"] == socket.hello["position"]["offset"] + 1
    assert "Never" not in _titles(anna)
    assert "Never" not in anna.get("/api/v1/notifications/").json()["own"]


def _change(path: str, visitor: Visitor, body: Any) -> Any:
    answer = visitor.write(f"/rt/api/notifications/{path}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@covers("000-10")
async def test_rest_does_not_follow_the_hosts_rest_framework(host: Host, anna: Visitor) -> None:
    for number in range(3):
        anna.submit("/orders/", text=f"Order {number}")
    page = anna.get("/rt/api/notifications/", headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "application/json"
    assert len(page.json()["results"]) >= 3, "PAGE_SIZE of the host was followed"
    newest = page.json()["results"][0]
    # Our views are no part of ATOMIC_REQUESTS: a reply knows where its event stands.
    changed = _change(f"{newest['id']}/read/", anna, {})
    assert changed["position"]["offset"] == page.json()["position"]["offset"] + 1
    assert changed["inbox"]["unread"] == page.json()["inbox"]["unread"] - 1
    missing = anna.get("/rt/api/notifications/nothing/")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    with Visitor(host) as nobody:
        refused = nobody.get("/rt/api/notifications/")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


async def test_a_ticket_opens_one_socket(host: Host, anna: Visitor) -> None:
    ticket = anna.write("/rt/api/auth/ticket/", {}).json()["ticket"]
    async with open_socket(host.socket_url("/rt/ws/"), ticket=ticket) as socket:
        assert socket.hello["person"]["name"] == "anna"
    async with open_socket(host.socket_url("/rt/ws/"), ticket=ticket, greeted=False) as socket:
        assert await socket.closed() == 4002


async def test_another_process_of_the_host_rings_by_the_key_its_people_sign_in_with(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        await asyncio.to_thread(host.manage, "carillon_notify", ANNA, "From a shell")
        event = await socket.next("notification.created", seconds=8)
        assert event["data"]["notification"]["title"] == "From a shell"


MANY = """
import time
from django.contrib.auth import get_user_model
from carillon.notifications import notify
from carillon.notifications.models import Fanout, Inbox, Notification
from carillon.people.audiences import audience, audience_of
users = get_user_model().objects
users.bulk_create([users.model(email=f"many{n}@example.org", is_active=n % 2 == 0) for n in range(60)])
audience("many")(lambda: users.filter(email__startswith="many", is_active=True))
sent = notify(audience_of("many"), title="To many")
while Fanout.objects.filter(pk=sent.fanout_id, finished_at=None).exists():
    time.sleep(0.05)
inboxes = Inbox.objects.filter(user__email__startswith="many")
print("MANY", Notification.objects.filter(title="To many").count(), sum(inboxes.values_list("unread", flat=True)))
"""


def test_an_audience_of_people_with_uuid_keys_is_notified_by_one_call(host: Host) -> None:
    assert "MANY 30 30" in host.manage("shell", "-v0", "-c", MANY)


async def test_the_hosts_admin_sends_to_people_it_cannot_search(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        page = "/admin/carillon_notifications/notification/add/"
        assert (await asyncio.to_thread(anna.get, page)).status_code == 200
        fields = {"user": socket.hello["person"]["id"], "type": "system", "severity": "info", "title": "From the admin"}
        sent = await asyncio.to_thread(anna.submit, page, **fields, message="Sent by hand")
        assert sent.status_code == 302, sent.text
        event = await socket.next("notification.created")
        assert event["data"]["notification"]["title"] == "From the admin"


def test_the_hosts_admin_finds_inboxes_by_address_and_shows_a_preview(host: Host, anna: Visitor) -> None:
    app = "/admin/carillon_notifications"
    sent = anna.submit(f"{app}/notification/add/", user=BEN, title="By address")
    assert sent.status_code == 302, sent.text
    page = anna.get(f"{app}/inbox/find/", params={"user": BEN}, follow_redirects=True)
    assert sent.headers["location"] == page.url.path
    assert "By address" in page.text and "Boîte\u00a0: ben (ben@example.org)" in page.text.replace(" :", "\u00a0:")
    row = page.text.split('name="ids" value="')[1][:12]
    assert anna.submit(page.url.path, action="read", ids=row).status_code == 302
    assert 'id="row-' in anna.get(page.url.path, params={"view": ""}).text
    assert "Rien ici." in anna.get(page.url.path, params={"view": "unread"}).text
    looked = anna.submit(f"{app}/notification/add/", user=BEN, title="Seulement vue", _preview="1")
    assert looked.text.count('class="carillon-card-title">Seulement vue') == 2
    assert "Seulement vue" not in anna.get(page.url.path).text


async def test_people_with_uuid_keys_are_online_and_were_last_seen(host: Host, anna: Visitor) -> None:
    def presence(person: str) -> dict[str, Any]:
        answer = anna.get("/rt/api/presence/", params={"people": f"{person},{uuid4()}"})
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["people"]
        return dict(found)

    def is_gone() -> bool:
        found = presence(person)
        return found["state"] == "offline" and found["last_seen"] is not None

    async with open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as socket:
        person = socket.hello["person"]["id"]
        (told,) = (await socket.command("presence.watch", {"people": [person, str(uuid4())]}))["people"]
        assert told == {"id": person, "state": "online", "last_seen": None, "username": ""}
        assert await asyncio.to_thread(presence, person) == told
    await asyncio.to_thread(processes.wait_for, is_gone, "the row to be written")


async def test_the_hosts_own_logout_closes_the_sockets_of_that_session(host: Host) -> None:
    with Visitor(host) as visitor:
        visitor.sign_in(BEN)
        async with open_socket(host.socket_url("/rt/ws/"), cookie=visitor.cookie, origin=host.url) as socket:
            await asyncio.to_thread(visitor.submit, "/admin/logout/")
            assert await socket.closed() == 4000
            assert socket.errors[-1]["code"] == "session_revoked"


@covers("002-01", "004-01")
async def test_two_people_with_uuids_talk(host: Host, anna: Visitor) -> None:
    with Visitor(host) as ben:
        ben.sign_in(BEN)
        assert anna.get("/rt/api/people/", params={"q": "example.org"}).json()["results"] == []
        [found] = anna.get("/rt/api/people/", params={"q": BEN}).json()["results"]
        assert (found["name"], found["username"]) == ("ben", ""), "an address is nobody's business"
        asked = {"kind": "direct", "people": [found["id"].upper()]}
        made = await asyncio.to_thread(anna.write, "/rt/api/conversations/", asked)
        assert made.status_code == 201, made.text
        talk = made.json()["conversation"]["id"]
        again = await asyncio.to_thread(anna.write, "/rt/api/conversations/", {**asked, "people": [found["id"]]})
        assert again.json()["conversation"]["id"] == talk
        async with (
            open_socket(host.socket_url("/rt/ws/"), cookie=anna.cookie, origin=host.url) as here,
            open_socket(host.socket_url("/rt/ws/"), cookie=ben.cookie, origin=host.url) as there,
        ):
            await there.command("subscribe", {"topic": f"conversation:{talk}"})
            sent = await here.write("message.send", {"conversation": talk, "content": "Bonjour Ben"})
            heard = (await there.next("message.sent"))["data"]["message"]
            assert heard == sent["message"] and heard["sender"]["id"] == here.hello["person"]["id"]
            rung = (await there.next("notification.created", seconds=15))["data"]["notification"]
            assert (rung["kind"], rung["title"]) == ("new_message", "anna vous a écrit")
            read = await there.write("conversation.read", {"conversation": talk})
            assert read["mine"]["unread"] == 0
        listed = (await asyncio.to_thread(ben.get, "/rt/api/conversations/")).json()["results"]
        assert [entry["people"][0]["name"] for entry in listed] == ["anna"]
