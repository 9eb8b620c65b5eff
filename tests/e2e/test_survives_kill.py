"""The server, or its PostgreSQL, is killed with -9 under load: every client has every acknowledged event once, in order.

The judge reads what the clients wrote to their files and the rows of the database; never the memory of the server.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import postgres, recorder, stored
from tests.support.covers import covers
from tests.support.recorder import Recorder
from tests.support.server import Server

PUBLISHES = 200
CLIENTS = 20
FOLLOWED = ("alice", "bruno")

pytestmark = [pytest.mark.serial, pytest.mark.long, pytest.mark.timeout(400)]


class Publisher:
    """Rings alice and bruno in turn until so many were acknowledged; what failed in between may or may not be stored."""

    def __init__(self, server: Server, token: str) -> None:
        self.server = server
        self.acknowledged: list[str] = []
        self.unknown = 0
        self._token = token

    async def run(self) -> None:
        number = 0
        while len(self.acknowledged) < PUBLISHES:
            body = {"username": FOLLOWED[number % 2], "title": f"Ring {number}", "message": "under load"}
            await asyncio.to_thread(self._ring, body)
            number += 1

    def _ring(self, body: dict[str, str]) -> None:
        try:
            answer = self.server.request("POST", "/api/v1/demo/ring/", body, token=self._token)
        except OSError:
            self.unknown += 1
            return
        if answer.status == 201:
            self.acknowledged.append(answer.json["id"])
        else:
            self.unknown += 1


async def _under_fault(server: Server, folder: Path, fault: Callable[[], None], times: int) -> None:
    tokens = {name: server.login(name) for name in FOLLOWED}
    clients = []
    for number in range(CLIENTS):
        token = tokens[FOLLOWED[number % 2]]
        path = folder / f"client{number}.jsonl"
        clients.append(Recorder(server.socket_url, lambda token=token: token, path, churn=2.0, seed=number))
    running = [asyncio.create_task(client.run()) for client in clients]
    await _until(lambda: all(client.first_positions for client in clients), "every client to be greeted")

    publisher = Publisher(server, tokens["alice"])
    publishing = asyncio.create_task(publisher.run())
    chance = random.Random(7)
    for turn in range(1, times + 1):
        at = int(PUBLISHES * turn / (times + 1)) - chance.randrange(10)
        await _until(lambda at=at: len(publisher.acknowledged) >= at or publishing.done(), "the load to go on")
        await asyncio.to_thread(fault)
    await asyncio.wait_for(publishing, 120)

    log = await asyncio.to_thread(stored.log, server)
    heads = {event.key[0]: event.key[2] for event in log}
    await _until(lambda: all(_has_all(client, heads) for client in clients), "every client to have caught up")
    for client in clients:
        client.stop()
    await asyncio.gather(*running)
    _judge(clients, log, publisher)


def _has_all(client: Recorder, heads: dict[str, int]) -> bool:
    return all(position["offset"] >= heads[topic] for topic, position in client.positions.items())


def _judge(clients: list[Recorder], log: list[stored.Stored], publisher: Publisher) -> None:
    rung = {event.data["notification"]["id"]: event.key for event in log if event.type == "notification.created"}
    assert set(publisher.acknowledged) <= set(rung), "an acknowledged notification is not stored"
    assert len(set(publisher.acknowledged)) == PUBLISHES
    acknowledged = [rung[id] for id in publisher.acknowledged]
    for client in clients:
        ((topic, first),) = client.first_positions.items()
        verdict = recorder.check(
            client.path,
            [event.key for event in log if event.key[0] == topic],
            [key for key in acknowledged if key[0] == topic],
            after=first["offset"],
        )
        assert verdict.is_clean, f"{client.path.name}: {verdict}"
        assert verdict.resyncs == 0
    assert sum(client.connections for client in clients) > 2 * CLIENTS, "the clients were to come and go"


async def _until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited {seconds:g} s for {what}") from None


@covers("000-28", "000-36", "004-26")
async def test_a_killed_server_on_sqlite_loses_nothing(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server().start()

    def kill_and_restart() -> None:
        server.kill()
        server.restart()

    await _under_fault(server, tmp_path, kill_and_restart, times=4)


async def test_a_killed_server_on_postgresql_loses_nothing(
    make_server: Callable[..., Server], make_cluster: Callable[..., postgres.Cluster], tmp_path: Path
) -> None:
    server = make_server(database_url=make_cluster().create_database("killed_server")).start()

    def kill_and_restart() -> None:
        server.kill()
        server.restart()

    await _under_fault(server, tmp_path, kill_and_restart, times=2)


async def test_a_killed_postgresql_loses_nothing(
    make_server: Callable[..., Server], make_cluster: Callable[..., postgres.Cluster], tmp_path: Path
) -> None:
    cluster = make_cluster()
    server = make_server(database_url=cluster.create_database("killed_cluster")).start()

    def kill_and_restart() -> None:
        cluster.kill()
        cluster.restart()

    await _under_fault(server, tmp_path, kill_and_restart, times=4)
