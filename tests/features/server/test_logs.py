"""No credential reaches a log, whoever writes the line."""

from __future__ import annotations

import logging

import pytest

from carillon.server.logs import Scrub, scrub

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


def written(name: str, message: str, *arguments: object) -> str:
    record = logging.LogRecord(name, logging.INFO, "", 0, message, arguments, None)
    assert Scrub().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    "text",
    [
        f"/ws/?token={JWT}",
        f"/ws/?a=1&ticket={JWT}&b=2",
        f"Authorization: Bearer {JWT}",
        f"sec-websocket-protocol: carillon.v1, bearer.{JWT}",
        f"sec-websocket-protocol: ticket.{JWT}",
        f"refresh={JWT}",
        f"TOKEN={JWT}",
    ],
)
def test_values_of_credentials_are_taken_out(text: str) -> None:
    assert JWT not in scrub(text)
    assert JWT not in written("anything", "%s", text)
    assert JWT not in written("anything", text)


def test_uvicorn_tells_no_query_string_at_all() -> None:
    access = written("uvicorn.access", '%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/ws/?x=secret", "1.1", 200)
    assert access == '127.0.0.1:1 - "GET /ws/ HTTP/1.1" 200'
    assert "secret" not in written("uvicorn.error", '%s - "WebSocket %s" [accepted]', "x", "/ws/?x=secret")


def test_what_is_no_credential_stays() -> None:
    assert scrub("GET /api/v1/notifications/?unread=true") == "GET /api/v1/notifications/?unread=true"
    assert written("carillon", "%d rows of %s", 3, {"a": 1}) == "3 rows of {'a': 1}"
