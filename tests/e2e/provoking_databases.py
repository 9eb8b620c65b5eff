"""Errors that come of requests, keys and locks, and of a database that is gone; run by test_slugs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg

from tests.e2e.provoking import Place, closed_with, provokes, refused_with


@provokes("idempotency_mismatch", "in_progress")
async def the_same_key(place: Place) -> None:
    async with place.socket() as socket:
        await socket.command("notification.seen", {"up_to": 1}, client_id="same")
        assert await refused_with(socket, "notification.seen", {"up_to": 2}, client_id="same") == "idempotency_mismatch"
        person = socket.hello["person"]["id"]
        under_way = (
            "INSERT INTO carillon_realtime_idempotencykey (principal, operation, key, fingerprint, created_at)"
            f" VALUES ('{person}', 'notification.seen', 'other', 'x', now())"
        )
        with place.locked(under_way):
            assert await refused_with(socket, "notification.seen", {"up_to": 1}, client_id="other") == "in_progress"


@provokes("conflict")
async def an_id_that_is_taken(place: Place) -> None:
    wanted = ("create", "a test", "--namespace", "billing", "--scope", "people:write")
    key = (await asyncio.to_thread(place.server.carillon, "service_key", *wanted)).strip()
    headers = {"Authorization": f"Api-Key {key}"}
    for user, status in (("alice", 201), ("bruno", 409)):
        answer = await place.request("PUT", "/api/v1/people/7/", {"user": user}, headers=headers)
        assert answer.status == status
    assert answer.json["code"] == "conflict"


@provokes("gone", "quota_exceeded", "idempotency_mismatch")
async def messages_that_cannot_be_changed(place: Place) -> None:
    token = place.server.login("alice")
    group = {"kind": "group", "people": [], "title": "Alone"}
    made = await place.request("POST", "/api/v1/conversations/", group, token=token)
    talk = made.json["conversation"]["id"]
    async with place.socket() as socket:
        said = await socket.command("message.send", {"conversation": talk, "content": "x"}, client_id="said once")
        again = {"conversation": talk, "content": "y"}
        assert await refused_with(socket, "message.send", again, client_id="said once") == "idempotency_mismatch"
        at = {"conversation": talk, "message": said["message"]["id"]}
        path = f"/api/v1/conversations/{talk}/messages/{at['message']}/"
        answers = [
            await place.request("POST", f"{path}react/", {"emoji": chr(0x1F600 + number), "on": True}, token=token)
            for number in range(21)
        ]
        assert [answer.status for answer in answers] == [200] * 20 + [429]
        assert answers[-1].json["code"] == "quota_exceeded"
        await socket.command("message.delete", at)
        assert await refused_with(socket, "message.edit", {**at, "content": "z"}) == "gone"
        answer = await place.request("PATCH", path, {"content": "z"}, token=token)
        assert (answer.status, answer.json["code"]) == (410, "gone")


@provokes("busy")
async def locks_that_do_not_come(place: Place) -> None:
    async with place.socket() as socket:
        ring = {"username": "alice", "title": "Busy", "message": ""}
        assert (
            await place.request("POST", "/api/v1/demo/ring/", ring, token=place.server.login("alice"))
        ).status == 201
        await socket.next("notification.created")
        with place.locked("SELECT * FROM carillon_realtime_topichead FOR UPDATE"):
            assert await refused_with(socket, "notification.read_all") == "busy"
            answer = await place.request(
                "POST", "/api/v1/notifications/read-all/", {}, token=place.server.login("alice")
            )
            assert (answer.status, answer.json["code"]) == (503, "busy")
        assert (await socket.command("notification.read_all"))["inbox"]["unread"] == 0


@provokes("method_not_allowed", "forbidden", "not_found", "unauthenticated", "token_invalid", "unsupported_media")
async def requests_that_arerefused_with(place: Place) -> None:
    token = place.server.login("alice")
    expected: list[tuple[str, str, Any, dict[str, Any], int, str]] = [
        ("DELETE", "/api/v1/notifications/seen/", None, {"token": token}, 405, "method_not_allowed"),
        ("POST", "/api/v1/notifications/", {"recipients": ["bruno"], "title": "x"}, {"token": token}, 403, "forbidden"),
        ("GET", "/api/v1/notifications/ffffffffffff/", None, {"token": token}, 404, "not_found"),
        ("GET", "/api/v1/nowhere/", None, {"token": token}, 404, "not_found"),
        ("GET", "/api/v1/notifications/", None, {}, 401, "unauthenticated"),
        ("GET", "/api/v1/notifications/", None, {"token": "x.y.z"}, 401, "token_invalid"),
        (
            "POST",
            "/api/v1/notifications/seen/",
            {"up_to": 1},
            {"token": token, "headers": {"Content-Type": "text/plain"}},
            415,
            "unsupported_media",
        ),
    ]
    for method, path, body, options, status, slug in expected:
        answer = await place.request(method, path, body, **options)
        assert (answer.status, answer.json["code"]) == (status, slug), (path, answer.raw)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json["request_id"]


# With the database gone, or in pieces.


@provokes("internal")
async def a_table_that_is_gone(place: Place) -> None:
    with psycopg.connect(place.database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE carillon_notifications_inbox RENAME TO elsewhere")
        try:
            async with place.socket() as socket:
                assert await refused_with(socket, "notification.read_all") == "internal"
                assert await socket.command("ping") == {}
                token = place.server.login("alice")
                answer = await place.request("GET", "/api/v1/notifications/", token=token)
                assert (answer.status, answer.json["code"]) == (500, "internal")
                told = json.dumps(answer.json) + json.dumps(socket.frames)
                assert "elsewhere" not in told and "inbox" not in answer.json["detail"].lower()
        finally:
            owner.execute("ALTER TABLE elsewhere RENAME TO carillon_notifications_inbox")


@provokes("unavailable")
async def a_database_that_is_gone(place: Place) -> None:
    token = await asyncio.to_thread(place.server.login, "alice")
    async with place.socket() as socket:
        await asyncio.to_thread(place.cluster.kill)
        try:
            # All at once, for each waits until the pool of connections gives up.
            async with place.socket("", bearer=token, greeted=False) as late:
                told, answer, _ = await asyncio.gather(
                    refused_with(socket, "notification.read_all", seconds=40),
                    place.request("GET", "/api/v1/notifications/", token=token),
                    closed_with(late, 1013, "unavailable", 40),
                )
                assert late.errors[-1]["retry_after"] == 5
            assert told == "unavailable"
            assert (answer.status, answer.json["code"]) == (503, "unavailable")
        finally:
            await asyncio.to_thread(place.cluster.restart)
