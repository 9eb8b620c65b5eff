"""A page of another origin gets no socket by riding on a person's session cookie; our own pages do."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import open_socket

pytestmark = pytest.mark.serial


def session_cookie(server: Server, username: str) -> str:
    """Sign in to Django's admin as a browser does, and return the session cookie."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{server.url}/admin/login/?next=/admin/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {"username": username, "password": username, "csrfmiddlewaretoken": token[1], "next": "/admin/"}
    request = urllib.request.Request(
        f"{server.url}/admin/login/", urllib.parse.urlencode(fields).encode(), headers={"Referer": server.url}
    )
    assert browser.open(request).status == 200
    values = {cookie.name: cookie.value for cookie in jar}
    return f"sessionid={values['sessionid']}"


def hostile_origins(server: Server) -> list[str]:
    """Origins that are not ours, however much they look like it."""
    port = server.port
    return [
        "https://evil.example",
        "null",
        "",
        f"https://127.0.0.1:{port}.evil.example",
        f"http://127.0.0.1:{port}.evil.example",
        f"http://evil.example:{port}",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
        f"http://127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}/path",
        f"http://127.0.0.1:{port}?",
        f"http://127.0.0.1:{port}#",
        f"http://evil@127.0.0.1:{port}",
        f"http://127.0.0.1:{port}@evil.example",
        f"http://evil.example\\@127.0.0.1:{port}",
        f"http://127.0.0.1.:{port}",
        f"http://[::1]:{port}",
        f"http://127.0.0.1:0{port}",
        f"ws://127.0.0.1:{port}",
        f"file://127.0.0.1:{port}",
        f"chrome-extension://127.0.0.1:{port}",
        f"//127.0.0.1:{port}",
        f"127.0.0.1:{port}",
        f" http://127.0.0.1:{port} evil",
        f"http://127.0.0.1:{port} http://evil.example",
        f"http://evil.example, http://127.0.0.1:{port}",
        "http://xn--127-0-0-1.example",
        "http://127.0.0.1%2eevil.example",
        "http://localhost.evil.example",
        f"http://LOCALHOST:{port}",
    ]


@covers("004-29")
async def test_a_page_of_another_origin_gets_no_socket(server: Server) -> None:
    cookie = session_cookie(server, "admin")
    for origin in hostile_origins(server):
        headers = {"Cookie": cookie, **({"Origin": origin} if origin else {})}
        with pytest.raises(InvalidStatus) as refused:
            async with connect(server.socket_url, additional_headers=headers, compression=None):
                pass
        assert refused.value.response.status_code == 403, origin
    # Two Origin headers are one too many, whichever comes first.
    ours = f"http://127.0.0.1:{server.port}"
    for pair in ([ours, "https://evil.example"], ["https://evil.example", ours]):
        many = [("Cookie", cookie), *[("Origin", origin) for origin in pair]]
        with pytest.raises(InvalidStatus) as refused:
            async with connect(server.socket_url, additional_headers=many, compression=None):
                pass
        assert refused.value.response.status_code in (400, 403), pair


async def test_our_own_page_gets_one(server: Server) -> None:
    cookie = session_cookie(server, "admin")
    async with open_socket(server.socket_url, cookie=cookie, origin=f"http://127.0.0.1:{server.port}") as socket:
        assert socket.hello["person"]["id"]
        assert await socket.command("ping") == {}


async def test_other_cookies_do_not_hide_the_session(server: Server) -> None:
    cookie = f'weird=a b{{"c"}}; {session_cookie(server, "admin")}; other=[1]'
    async with open_socket(server.socket_url, cookie=cookie, origin=f"http://127.0.0.1:{server.port}") as socket:
        assert socket.hello["person"]["id"]


async def test_a_page_of_another_origin_may_bring_a_credential_of_its_own(server: Server) -> None:
    # It had to be given one; the browser adds nothing by itself.
    async with open_socket(server.socket_url, bearer=server.login("bruno"), origin="https://partner.example") as socket:
        assert socket.hello["person"]["name"].startswith("Bruno")


async def test_a_cookie_of_another_person_does_not_mix_with_a_credential(server: Server) -> None:
    cookie, ours = session_cookie(server, "admin"), f"http://127.0.0.1:{server.port}"
    async with open_socket(server.socket_url, bearer=server.login("alice"), cookie=cookie, origin=ours) as socket:
        assert socket.hello["person"]["name"].startswith("Alice")


async def test_a_session_that_is_over_opens_nothing(server: Server) -> None:
    ours = f"http://127.0.0.1:{server.port}"
    async with open_socket(server.socket_url, cookie="sessionid=nonsense", origin=ours, greeted=False) as socket:
        assert await socket.closed() == 4000
        assert socket.errors[-1]["code"] == "unauthenticated"
