"""Which dialect a socket is spoken to in, where two documents ask for the same address (REQUIREMENTS C3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import override_settings

from carillon.dialects.bell.frames import BellDialect
from carillon.dialects.dating.frames import NotificationsDialect
from carillon.dialects.native.frames import NativeDialect
from carillon.realtime.dialect import Route
from carillon.realtime.routing import address_of
from tests.support.covers import covers

SHARED = re.compile(r"/ws/notifications/")
ROUTES = [
    Route(re.compile(r"/ws/"), NativeDialect()),
    Route(SHARED, BellDialect()),
    Route(SHARED, NotificationsDialect(), wants_token=True),
]


def chosen(query: str = "", *offered: str, path: str = "/ws/notifications/", routes: list[Route] = ROUTES) -> Any:
    scope = {"path": path, "query_string": query.encode(), "subprotocols": list(offered), "headers": []}
    address = address_of(routes, scope)
    return (address.dialect.name, address.fault.slug) if address.fault else address.dialect.name


@covers("000-17", "004-08")
@pytest.mark.parametrize(
    ("query", "offered", "name"),
    [
        ("", (), "bell"),
        ("token=x", (), "dating"),
        ("", ("bearer.x",), "bell"),
        ("dialect=bell&token=x", (), "bell"),
        ("dialect=dating", (), "dating"),
        ("token=x", ("carillon.bell",), "bell"),
        ("", ("carillon.dating", "bearer.x"), "dating"),
        ("dialect=native", (), ("bell", "unsupported_version")),
        ("dialect=bell", ("carillon.dating",), ("bell", "unsupported_version")),
        ("", ("carillon.v1",), ("bell", "unsupported_version")),
    ],
)
def test_a_declaration_decides_and_without_one_the_token_tells(query: str, offered: tuple[str, ...], name: Any) -> None:
    assert chosen(query, *offered) == name


@pytest.mark.parametrize(("setting", "names"), [("bell", ("bell", "bell")), ("dating", ("dating", "dating"))])
def test_the_setting_decides_for_who_declares_nothing(setting: str, names: tuple[str, str]) -> None:
    with override_settings(CARILLON={"NOTIFICATIONS_DIALECT": setting}):
        assert (chosen(), chosen("token=x")) == names
        assert chosen("dialect=bell") == "bell" and chosen("dialect=dating") == "dating"


def test_alone_at_an_address_a_dialect_takes_everybody() -> None:
    assert chosen("token=x", routes=ROUTES[:2]) == "bell"
    assert chosen(path="/ws/") == "native"
    with override_settings(CARILLON={"NOTIFICATIONS_DIALECT": "bell"}):
        assert chosen(path="/ws/") == "native"


def test_an_unknown_address_is_not_found() -> None:
    assert chosen(path="/ws/nowhere/") == ("native", "not_found")
