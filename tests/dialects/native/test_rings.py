"""A notification goes from Python to open sockets: at once in the server, with the sweep from another process."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest

from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import open_socket

pytestmark = pytest.mark.serial


@covers("000-02", "000-04", "000-22", "000-36")
async def test_it_rings_at_once_in_the_server_and_counters_agree_in_every_tab(server: Server) -> None:
    bearer = server.login("alice")
    async with (
        open_socket(server.socket_url, bearer=bearer) as here,
        open_socket(server.socket_url, bearer=bearer) as there,
    ):
        waited = []
        body = {"username": "alice", "title": "Now", "message": "", "url": "/notifications"}
        for _ in range(9):
            answer = await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=bearer)
            answered = time.perf_counter()
            assert answer.status == 201
            frame, twin = await here.next("notification.created"), await there.next("notification.created")
            waited.append(max(0.0, time.perf_counter() - answered))
            assert frame == twin
            assert frame["data"]["notification"]["id"] == answer.json["id"]
            assert frame["data"]["notification"]["url"] == "/notifications"
        assert statistics.median(waited) < 0.25

        unread = frame["data"]["inbox"]["unread"]
        reply = await here.write("notification.read", {"ids": [frame["data"]["notification"]["id"]]})
        assert reply["inbox"]["unread"] == unread - 1
        told = [await tab.next("notification.updated") for tab in (here, there)]
        assert told[0] == told[1]
        assert told[0]["data"]["inbox"] == reply["inbox"]
        assert {"epoch": told[0]["epoch"], "offset": told[0]["offset"]} == reply["position"]

        await there.write("notification.read_all")
        for tab in (here, there):
            assert (await tab.next("notification.all_read"))["data"]["inbox"]["unread"] == 0


@covers("000-40", "003-11")
async def test_it_rings_from_another_process_within_six_seconds_without_a_broker(server: Server) -> None:
    async with open_socket(server.socket_url, bearer=server.login("alice")) as socket:
        await asyncio.to_thread(server.carillon, "notify", "alice", "From a shell")
        frame = await socket.next("notification.created", seconds=6)
        assert frame["data"]["notification"]["title"] == "From a shell"


@covers("004-47")
async def test_a_snapshot_and_the_events_after_it_are_the_later_snapshot(server: Server) -> None:
    bearer = server.login("bruno")
    before = server.request("GET", "/api/v1/notifications/?limit=100", token=bearer).json
    server.carillon("notify", "bruno", "While nobody was connected")
    async with open_socket(server.socket_url, bearer=bearer) as socket:
        topic = socket.hello["user_topic"]
        await socket.command("subscribe", {"topic": topic, "position": before["position"]})
        frame = await socket.next("notification.created")
        after = server.request("GET", "/api/v1/notifications/?limit=100", token=bearer).json
        assert [frame["data"]["notification"], *before["results"]][:100] == after["results"]
        assert frame["data"]["inbox"] == after["inbox"]
        assert {"epoch": frame["epoch"], "offset": frame["offset"]} == after["position"]


async def test_a_write_repeated_with_its_key_happens_once_also_on_another_connection(server: Server) -> None:
    bearer = server.login("alice")
    key = "0f0e0d0c-0b0a-4908-8706-050403020100"
    first = server.request("GET", "/api/v1/notifications/?unread=true&limit=1", token=bearer).json["results"][0]
    answers = []
    for _ in range(2):
        async with open_socket(server.socket_url, bearer=bearer) as socket:
            answers.append(await socket.command("notification.read", {"ids": [first["id"]]}, client_id=key))
    assert answers[0] == answers[1]
