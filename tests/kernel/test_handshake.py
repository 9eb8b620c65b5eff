"""What is kept of a handshake: idle sockets of one browser share what they say alike."""

from __future__ import annotations

import pytest

from carillon.realtime.handshake import handshake_of


def scope(*headers: tuple[str, str]) -> dict[str, object]:
    given = [("Host", "example.org"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "secret"), *headers]
    return {
        "path": "/ws/",
        "client": ("192.0.2.1", 4711),
        "headers": [(name.encode(), value.encode()) for name, value in given],
    }


def test_those_that_say_the_same_share_one_mapping() -> None:
    one, other = (handshake_of(scope(("User-Agent", "Firefox"), ("Cookie", f"a={n}"))) for n in range(2))
    assert dict(one.headers) == {"host": "example.org", "user-agent": "Firefox"}
    assert one.headers is other.headers
    assert handshake_of(scope(("User-Agent", "Safari"))).headers["user-agent"] == "Safari"
    with pytest.raises(TypeError):
        one.headers["host"] = "example.net"  # type: ignore[index]


@pytest.mark.parametrize("header", [("X-Long", "x" * 3000), ("Authorization", "Bearer a.b.c"), ("X-Api-Key", "k")])
def test_what_is_long_or_secret_is_kept_for_nobody_else(header: tuple[str, str]) -> None:
    one, other = (handshake_of(scope(header)) for _ in range(2))
    assert one.headers == other.headers and one.headers is not other.headers
