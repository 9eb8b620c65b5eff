"""Which dialect a socket is spoken to in, where two documents ask for the same address (REQUIREMENTS C3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import override_settings

from carillon.dialects.bell.frames import BellDialect
from carillon.dialects.native.frames import NativeDialect
from carillon.realtime.dialect import Route
from carillon.realtime.routing import dialect_of
from tests.support.covers import covers


class OtherBell(BellDialect):
    """Stands for a dialect of the same address whose clients come with `?token=`."""

    name = "other"
    subprotocol = "carillon.other"


SHARED = re.compile(r"/ws/notifications/")
ROUTES = [
    Route(re.compile(r"/ws/"), NativeDialect()),
    Route(SHARED, BellDialect()),
    Route(SHARED, OtherBell(), wants_token=True),
]


def chosen(query: str = "", *offered: str, path: str = "/ws/notifications/", routes: list[Route] = ROUTES) -> Any:
    scope = {"path": path, "query_string": query.encode(), "subprotocols": list(offered), "headers": []}
    dialect, fault = dialect_of(routes, scope)
    return (dialect.name, fault.slug) if fault else dialect.name


@covers("000-17", "004-08")
@pytest.mark.parametrize(
    ("query", "offered", "name"),
    [
        ("", (), "bell"),
        ("token=x", (), "other"),
        ("", ("bearer.x",), "bell"),
        ("dialect=bell&token=x", (), "bell"),
        ("dialect=other", (), "other"),
        ("token=x", ("carillon.bell",), "bell"),
        ("", ("carillon.other", "bearer.x"), "other"),
        ("dialect=native", (), ("bell", "unsupported_version")),
        ("dialect=bell", ("carillon.other",), ("bell", "unsupported_version")),
        ("", ("carillon.v1",), ("bell", "unsupported_version")),
    ],
)
def test_a_declaration_decides_and_without_one_the_token_tells(query: str, offered: tuple[str, ...], name: Any) -> None:
    assert chosen(query, *offered) == name


@pytest.mark.parametrize(("setting", "names"), [("bell", ("bell", "bell")), ("other", ("other", "other"))])
def test_the_setting_decides_for_who_declares_nothing(setting: str, names: tuple[str, str]) -> None:
    with override_settings(CARILLON={"NOTIFICATIONS_DIALECT": setting}):
        assert (chosen(), chosen("token=x")) == names
        assert chosen("dialect=bell") == "bell" and chosen("dialect=other") == "other"


def test_alone_at_an_address_a_dialect_takes_everybody() -> None:
    assert chosen("token=x", routes=ROUTES[:2]) == "bell"
    assert chosen(path="/ws/") == "native"
    with override_settings(CARILLON={"NOTIFICATIONS_DIALECT": "bell"}):
        assert chosen(path="/ws/") == "native"


def test_an_unknown_address_is_not_found() -> None:
    assert chosen(path="/ws/nowhere/") == ("native", "not_found")
