"""Carillon in a host with Django's own users and sessions, where no optional package is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.hosts.host import Host, Visitor, project
from tests.support.covers import covers
from tests.support.sockets import open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(project("plain"), "plain", tmp_path_factory.mktemp("plain")).prepare("anna").serve()
    yield host
    host.kill()


@pytest.fixture
def anna(host: Host) -> Iterator[Visitor]:
    with Visitor(host) as visitor:
        yield visitor.sign_in("anna")


def test_it_is_configured_without_a_complaint(host: Host) -> None:
    assert "no issues" in host.manage("check", "--database", "default")
    assert "No changes detected" in host.manage("makemigrations", "--check", "--dry-run")


@covers("000-01", "000-40", "003-01")
async def test_a_session_is_all_it_takes(host: Host, anna: Visitor) -> None:
    async with open_socket(host.socket_url(), cookie=anna.cookie, origin=host.url) as socket:
        assert socket.hello["user_topic"] == "user:1"
        made = await asyncio.to_thread(anna.submit, "/orders/", text="It works")
        event = await socket.next("notification.created")
        told = event["data"]["notification"]
        assert (told["id"], told["title"]) == (made.json()["id"], "It works")
        assert datetime.fromisoformat(told["data"]["placed"]).tzinfo is not None
        up_to = told["number"]
        reply = await socket.write("notification.read_all", {"up_to": up_to})
        assert reply["inbox"]["unread"] == 0
    assert anna.get("/bell/notifications/inbox/").json()["inbox"] == reply["inbox"]


def test_there_are_no_routes_that_would_make_tokens(host: Host, anna: Visitor) -> None:
    for path in ("/me/auth/login/", "/me/auth/refresh/"):
        assert anna.write(path, {}).status_code == 404
    assert anna.get("/me/me/").json()["person"]["name"] == "anna"


async def test_a_bearer_token_is_refused_in_words(host: Host) -> None:
    async with open_socket(host.socket_url(), bearer="whatever", greeted=False) as socket:
        assert await socket.closed() == 4002
        assert socket.errors[-1]["code"] == "token_invalid"


async def test_our_logout_ends_the_session_and_its_sockets(host: Host) -> None:
    with Visitor(host) as visitor:
        visitor.sign_in("anna")
        # Left behind by something else on the same host: it means nothing here.
        visitor.cookies.set("carillon_refresh", "left-over")
        async with open_socket(host.socket_url(), cookie=visitor.cookie, origin=host.url) as socket:
            answer = await asyncio.to_thread(visitor.write, "/me/auth/logout/", {})
            assert answer.status_code == 204, answer.text
            assert await socket.closed() == 4000
        assert visitor.get("/me/me/").status_code == 401


async def test_a_changed_password_cuts_the_other_sessions(host: Host) -> None:
    make = "from django.contrib.auth.models import User; User.objects.create_user('carl', password='secret')"
    host.manage("shell", "-c", make)
    with Visitor(host) as here, Visitor(host) as there:
        here.sign_in("carl")
        there.sign_in("carl")
        async with open_socket(host.socket_url(), cookie=there.cookie, origin=host.url) as other:
            body = {"current": "secret", "new": "another secret"}
            answer = await asyncio.to_thread(here.write, "/me/auth/password/", body)
            assert answer.status_code == 204, answer.text
            assert await other.closed() == 4000
        assert there.get("/me/me/").status_code == 401
        assert here.get("/me/me/").status_code == 200
        async with open_socket(host.socket_url(), cookie=here.cookie, origin=host.url) as own:
            assert own.hello["person"]["name"] == "carl"


@covers("000-02")
async def test_below_a_path_of_a_proxy_the_socket_is_where_the_pages_are(tmp_path: Path) -> None:
    host = Host(project("plain"), "plain", tmp_path).prepare("anna").serve("uvicorn", "--root-path", "/shop")
    try:
        with Visitor(host) as anna:
            anna.sign_in("anna")
            # The proxy takes its path away, and the server puts it back into what the application is told.
            async with open_socket(host.socket_url(), cookie=anna.cookie, origin=host.url) as socket:
                assert socket.hello["person"]["name"] == "anna"
    finally:
        host.kill()
