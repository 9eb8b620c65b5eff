"""Who opens a socket: on which pages a cookie counts, and what is taken for a credential (GUARANTEES S5, S6)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.limited import WIDE, environment
from tests.e2e.wire import credentials
from tests.e2e.wire.origins import LISTED, foreign, own
from tests.support.covers import covers
from tests.support.raw import CLOSE, Declined, RawSocket, offer, raw_socket
from tests.support.server import SOCKET_PATHS, Server, running

pytestmark = pytest.mark.serial

LIMITS = {**WIDE, "ALLOWED_ORIGINS": [LISTED], "TICKET_SECONDS": 600, "ANONYMOUS_PER_ADDRESS": 1_000}
ROUTES = {"/ws/": "carillon.v1", "/ws/notifications/": "carillon.bell"}
Headers = list[tuple[str, str]]


class Doors:
    """A server, and the people that were made on it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.told: dict[str, Any] = credentials.prepare(server, tickets=100)
        self.alice = self.told["alice"]
        self.cookie = ("Cookie", f"sessionid={self.alice['session']}")


@pytest.fixture(scope="module", params=SOCKET_PATHS)
def doors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    options: dict[str, Any] = {**environment(**LIMITS), "CARILLON_SOCKETS": request.param}
    with running(Server(tmp_path_factory.mktemp("doors"), SECRET_KEY=credentials.SECRET, **options)) as server:
        yield Doors(server)


async def _who(doors: Doors, headers: Headers, protocols: list[str]) -> int:
    """The person that is let in, or minus the status by which nobody is."""
    try:
        async with raw_socket(doors.server.port, "/ws/", protocols, headers) as socket:
            return int((await socket.told("hello"))["data"]["person"]["id"])
    except Declined as declined:
        return -declined.status


async def test_a_cookie_counts_on_our_own_pages_alone(doors: Doors) -> None:
    listed = foreign(doors.server)
    assert len(listed) >= 40
    let_in = {}
    for origins in listed:
        who = await _who(doors, [doors.cookie, *(("Origin", each) for each in origins)], ["carillon.v1"])
        # Two Origin headers are no request at all to some.
        if who not in ((-403, -400) if len(origins) > 1 else (-403,)):
            let_in[str(origins)] = who
    assert let_in == {}
    for origin in own(doors.server):
        assert await _who(doors, [doors.cookie, ("Origin", origin)], ["carillon.v1"]) == doors.alice["id"], origin


@pytest.mark.parametrize("kind", ["ticket", "bearer"])
async def test_what_no_browser_adds_by_itself_counts_anywhere(doors: Doors, kind: str) -> None:
    good, tickets = doors.server.login("alice"), doors.alice["tickets"]
    # Two of a header are a fault of their own to uvicorn.
    for origins in (each for each in foreign(doors.server) if len(each) < 2):
        credential = {kind: tickets.pop() if kind == "ticket" else good}
        headers = [("Origin", each) for each in origins]
        assert await _who(doors, headers, offer(**credential)) == doors.alice["id"], origins


@pytest.mark.parametrize("path", ROUTES)
@covers("004-31")
async def test_what_is_no_credential_opens_nothing_and_is_told_nothing(doors: Doors, path: str) -> None:
    good = await asyncio.to_thread(doors.server.login, "alice")
    cases = [*credentials.cases(doors.told, good), *_cookies(doors)]
    assert len(cases) >= 45
    ends = await asyncio.gather(*(_refusal(doors.server, path, case) for case in cases))
    wrong = {case.name: end for case, end in zip(cases, ends, strict=True) if not _is_right(end, case)}
    assert wrong == {}


def _is_right(end: tuple[int, str, list[str]], case: credentials.Case) -> bool:
    code, slug, before = end
    expected = {"unauthenticated": 4000, "session_revoked": 4000}.get(slug, 4002)
    return slug in case.refused and code == expected and before == ["error"]


def _cookies(doors: Doors) -> list[credentials.Case]:
    origin = ("Origin", LISTED)
    keys = {
        "a session of nobody": "0" * 32,
        "a session that ended": doors.alice["ended"],
        "a session of who is gone": doors.told["gone"]["session"],
        "a session that is a token": doors.server.login("alice"),
    }
    cases = [
        credentials.Case(name, {"unauthenticated"}, headers=[("Cookie", f"sessionid={key}"), origin])
        for name, key in keys.items()
    ]
    disabled = ("Cookie", f"sessionid={doors.told['disabled']['session']}")
    revoked = {"session_revoked", "unauthenticated"}
    return [*cases, credentials.Case("a session of who is disabled", revoked, headers=[disabled, origin])]


async def _refusal(server: Server, path: str, case: credentials.Case) -> tuple[int, str, list[str]]:
    """The code, the slug, and the types of all that was told before the end."""
    protocols = [ROUTES[path], *case.offered]
    async with raw_socket(server.port, path + case.query, protocols, case.headers) as socket:
        # Where signing in may come later, the first command is refused instead.
        socket.say({"type": "notification.seen", "ref": "1", "data": {"up_to": 1}})
        try:
            code, before = await socket.closed(seconds=15)
        except TimeoutError:
            return 0, "let in", []
    return code, str(_slug(before[-1].json)) if before else "", [each.json["type"] for each in before]


def _slug(frame: dict[str, Any]) -> Any:
    return frame.get("data", frame).get("code")


async def test_a_ticket_is_good_once_and_a_socket_stays_with_its_person(doors: Doors) -> None:
    ticket = doors.told["other"]["ticket"]
    assert await _who(doors, [], offer(ticket=ticket)) == doors.told["other"]["id"]
    async with raw_socket(doors.server.port, "/ws/", offer(ticket=ticket)) as again:
        code, before = await again.closed()
        assert (code, before[-1].json["data"]["code"], len(before)) == (4002, "token_invalid", 1)
    async with raw_socket(doors.server.port, "/ws/", offer(bearer=doors.server.login("alice"))) as socket:
        await socket.told("hello")
        assert await _answer(socket, "authenticate", {"token": doors.told["other"]["access"]}) == "identity_mismatch"
        assert await _answer(socket, "authenticate", {"token": "x"}) == "token_invalid"
        assert await _answer(socket, "notification.seen", {"up_to": 1, "user_id": 2}) == "unknown_field"
        assert await _answer(socket, "ping", {}) is None


async def _answer(socket: RawSocket, kind: str, data: dict[str, Any]) -> str | None:
    """The slug that a command is refused by; None where it is not."""
    socket.say({"type": kind, "ref": kind, "data": data})
    while (piece := await socket.next()).opcode != CLOSE:
        if piece.json.get("ref") == kind:
            slug: str | None = piece.json["data"].get("code")
            return slug
    raise EOFError(f"closed with {piece.code}")
