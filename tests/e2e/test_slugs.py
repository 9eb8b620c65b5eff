"""Every error slug that the source can raise, provoked by a real client over a real server on PostgreSQL.

The last test reads the source: a slug that is raised there and provoked by nothing here fails the build (GUARANTEES S35).
"""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from carillon import errors
from tests.e2e import provoking_databases  # noqa: F401 - registers its share
from tests.e2e.limited import environment
from tests.e2e.provoking import Place, closed_with, provocations, provokes, refused_with
from tests.support.postgres import Cluster
from tests.support.server import Server

SOURCE = Path(errors.__file__).parent
LIMITS = {
    "AUTH_DEADLINE": 1.0,
    "HEARTBEAT_TIMEOUT": 5.0,
    "TOPICS_PER_CONNECTION": 1,
    "CONNECTIONS_PER_PERSON": 5,
    "FAULTS_PER_MINUTE": 3,
    "COMMAND_BURST": 10,
    "SWEEP_INTERVAL": [0.1, 0.2],
    "RECHECK_INTERVAL": 0.2,
    "SLOW_SECONDS": 0.5,
    "OUTBOUND_BYTES": 100_000,
}

pytestmark = [pytest.mark.serial, pytest.mark.long]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    # One of the provocations kills it: what was committed must then be there.
    cluster = Cluster(durable=True)
    cluster.start()
    url = cluster.create_database("slugs")
    extra: dict[str, Any] = environment(**LIMITS)
    server = Server(tmp_path_factory.mktemp("slugs"), database_url=url, **extra).prepare().start()
    yield Place(server, cluster, url)
    server.kill()
    cluster.remove()


# Over the socket.


@provokes("malformed")
async def frames_that_are_no_json(place: Place) -> None:
    async with place.socket() as socket:
        for _ in range(4):
            await socket.send("{")
        await closed_with(socket, 4003, "malformed")
        assert [error["fatal"] for error in socket.errors] == [False, False, False, True]
    answer = await place.request(
        "POST",
        "/api/v1/notifications/seen/",
        token=place.server.login("alice"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 400


@provokes("invalid", "unknown_type", "unknown_field", "not_found", "forbidden", "subscription_limit")
async def commands_that_cannot_be_carried_out(place: Place) -> None:
    async with place.socket() as socket:
        own = socket.hello["user_topic"]
        assert await refused_with(socket, "notification.seen", {"up_to": "x"}) == "invalid"
        assert await refused_with(socket, "no.such.command") == "unknown_type"
        assert await refused_with(socket, "notification.seen", {"up_to": 1, "as": "bruno"}) == "unknown_field"
        assert await refused_with(socket, "notification.read", {"ids": ["ffffffffffff"]}) == "not_found"
        assert await refused_with(socket, "unsubscribe", {"topic": own}) == "forbidden"
        assert await refused_with(socket, "subscribe", {"topic": "user:999"}) == "subscription_limit"


@provokes("identity_mismatch", "token_invalid")
async def credentials_of_somebody_else(place: Place) -> None:
    async with place.socket() as socket:
        assert await refused_with(socket, "authenticate", {"token": place.server.login("bruno")}) == "identity_mismatch"
        assert await refused_with(socket, "authenticate", {"token": "x"}) == "token_invalid"
        assert await socket.command("ping") == {}
    async with place.socket("", bearer="nonsense", greeted=False) as socket:
        await closed_with(socket, 4002, "token_invalid")


@provokes("unauthenticated", "auth_timeout")
async def no_credential(place: Place) -> None:
    async with place.socket("") as socket:
        assert await refused_with(socket, "ping") == "unauthenticated"
        assert await socket.closed() == 4000
    async with place.socket("") as socket:
        await closed_with(socket, 4000, "auth_timeout")


@provokes("token_expired")
async def a_token_that_expires(place: Place) -> None:
    short = await asyncio.to_thread(place.server.short_lived_token, "alice", 4)
    async with place.socket("", bearer=short) as socket:
        await socket.ping_until_closed()
        await closed_with(socket, 4002, "token_expired")


@provokes("session_revoked")
async def a_person_who_signs_out(place: Place) -> None:
    fresh = await asyncio.to_thread(place.server.login, "admin", fresh=True)
    async with place.socket("", bearer=fresh) as socket:
        assert (await place.request("POST", "/api/v1/auth/logout/", {}, token=fresh)).status == 204
        await closed_with(socket, 4000, "session_revoked")
    async with place.socket("", bearer=fresh, greeted=False) as socket:
        await closed_with(socket, 4000, "session_revoked")


@provokes("connection_limit")
async def too_many_connections(place: Place) -> None:
    async with AsyncExitStack() as opened:
        for _ in range(5):
            await opened.enter_async_context(place.socket("bruno"))
        async with place.socket("bruno", greeted=False) as socket:
            await closed_with(socket, 4006, "connection_limit")
            assert socket.errors[-1]["retry_after"] == 30


@provokes("connection_limit")
async def too_many_connections_signed_in_by_a_frame(place: Place) -> None:
    async with AsyncExitStack() as opened:
        for _ in range(5):
            await opened.enter_async_context(place.socket("bruno"))
        async with place.socket("") as socket:
            reply = await socket.command("authenticate", {"token": place.server.login("bruno")})
            assert reply["person"]["id"]
            await closed_with(socket, 4006, "connection_limit")
            assert not socket.hello


@provokes("rate_limited")
async def too_many_commands(place: Place) -> None:
    async with place.socket() as socket:
        for number in range(200):
            await socket.send({"type": "ping", "ref": f"p{number}"})
        await closed_with(socket, 4008, "rate_limited")
        refs = [frame["ref"] for frame in socket.frames if frame["type"] == "error"]
        assert all(refs), "who is told to wait knows for what"


@provokes("heartbeat_timeout")
async def silence(place: Place) -> None:
    async with place.socket() as socket:
        await closed_with(socket, 4012, "heartbeat_timeout")


@provokes("unsupported_media", "too_large", "unsupported_version")
async def frames_of_another_kind(place: Place) -> None:
    async with place.socket() as socket:
        await socket.send(b"{}")
        await closed_with(socket, 1003, "unsupported_media")
    async with place.socket("", subprotocols=["carillon.v2"]) as socket:
        await closed_with(socket, 4005, "unsupported_version")
    async with place.socket() as socket:
        # Fewer characters than the limit, and more bytes: the server library counts those too.
        await socket.send('"' + "é" * 40_000 + '"')
        assert await socket.closed() == 1009
    too_much = {"ids": ["f" * 12] * 300_000}
    answer = await place.request("POST", "/api/v1/notifications/batch/", too_much, token=place.server.login("alice"))
    assert (answer.status, answer.json["code"]) == (413, "too_large")


@provokes("slow_consumer")
async def a_client_that_reads_nothing(place: Place) -> None:
    offered = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{place.server.login('bruno')}")]
    async with connect(
        place.server.socket_url, subprotocols=offered, max_queue=1, compression=None, ping_interval=None
    ) as slow:
        body = {"username": "bruno", "title": "Long", "message": "\N{BELL}" * 8000}
        for number in range(400):
            answer = await place.request("POST", "/api/v1/demo/ring/", body, token=place.server.login("alice"))
            assert answer.status == 201
            if number % 20 == 0:
                await slow.send('{"type": "ping", "ref": "alive"}')
            if "slow_consumer" in place.server.tail() or number > 250:
                break
        last: dict[str, Any] = {}
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                last = json.loads(await slow.recv())
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, last["data"]["code"]) == (4009, "slow_consumer")


@provokes("resync_required")
async def an_epoch_that_ends(place: Place) -> None:
    async with place.socket() as socket:
        own, before = socket.hello["user_topic"], socket.hello["position"]
        await asyncio.to_thread(place.server.carillon, "bump_epoch")
        resync = await socket.next("resync")
        assert (resync["topic"], resync["data"]["reason"]) == (own, "epoch")
        # Coming back to it is expected; another void position is answered in the same way.
        reply = await socket.command("subscribe", {"topic": own, "position": before})
        assert reply["position"] is None
        assert (await socket.next("resync"))["data"]["reason"] == "epoch"
        await socket.ping_until_closed()
        await closed_with(socket, 4010, "resync_required")
    async with place.socket() as socket:
        far = {**socket.hello["position"], "offset": 2**53 - 1}
        await socket.command("subscribe", {"topic": own, "position": far})
        assert (await socket.next("resync"))["data"]["reason"] == "ahead"
        reply = await socket.command("subscribe", {"topic": own})
        assert reply["position"] == socket.hello["position"]


@provokes("insecure")
async def a_socket_without_tls(place: Place) -> None:
    folder = place.server.folder / "strict"
    strict = Server(folder, database_url=place.database_url, **environment(REQUIRE_TLS=True))
    await asyncio.to_thread(strict.start)
    try:
        async with Place(strict, place.cluster, place.database_url).socket("") as socket:
            await closed_with(socket, 1008, "insecure")
    finally:
        strict.kill()


async def test_text_that_is_not_utf8_closes_1007(place: Place) -> None:
    offered = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{place.server.login('alice')}")]
    for noise in (b"\xff\xfe", b'{"type":"\xed\xa0\x80"}', b"\xc0\x80"):
        async with connect(place.server.socket_url, subprotocols=offered, compression=None) as raw:
            await raw.recv()
            await raw.send(noise, text=True)
            with pytest.raises(ConnectionClosed) as closed:
                await raw.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1007


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted({name for each in provocations.values() for name, _ in each}))
async def test_it_is_told_to_a_real_client(place: Place, name: str) -> None:
    found = {each: function for some in provocations.values() for each, function in some}
    await found[name](place)


def _raised_slugs() -> set[str]:
    """The slugs in calls of the error family anywhere in the source, and the defaults of calls without one."""
    family = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.CarillonError)
    }
    found = {"method_not_allowed"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.IfExp)
                and ast.unparse(node.targets[0]) == "slug"
            ):
                found |= {
                    str(each.value) for each in (node.value.body, node.value.orelse) if isinstance(each, ast.Constant)
                }
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in family:
                first = node.args[0] if node.args else None
                is_named = isinstance(first, ast.Constant) and isinstance(first.value, str)
                found.add(first.value if is_named else family[node.func.id].default_slug)  # type: ignore[union-attr]
    return found


def test_every_slug_in_the_source_is_provoked() -> None:
    assert _raised_slugs() - provocations.keys() == set()
    assert provocations.keys() - _raised_slugs() == set(), "provoked, and raised by nothing any more"
