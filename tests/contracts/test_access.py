"""REST by everybody on everything: who gets what, and that what is another's looks like what is not there (GUARANTEES S9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from carillon.people.api.cookies import NAME as REFRESH_COOKIE
from tests.contracts.access.operations import Operation, document, operations, routes
from tests.contracts.access.rules import ACTORS, OUTSIDE, PARTICIPANTS, SIGNED_IN, TARGETS, Line
from tests.contracts.access.table import ELSEWHERE, REST
from tests.contracts.access.world import MARK, World, filled, holdings

HOW = "write its line into tests/contracts/access/table.py"
VOLATILE = {"X-Request-ID", "Date"}


class Cell:
    """One request of one actor on one target, and what came of it."""

    def __init__(self, world: World, operation: Operation, line: Line, actor: str, target: str) -> None:
        token = world.credential(actor)
        words = world.words(actor, target, token)
        client = Client(headers=world.headers(actor, token))
        if line.cookie and words["refresh"]:
            client.cookies[REFRESH_COOKIE] = words["refresh"]
        body = None if line.body is None else json.dumps(filled(line.body, words))
        with CaptureQueriesContext(connection) as statements:
            self.response: HttpResponse = client.generic(
                operation.method,
                line.address(operation.path, words) + _whom(line, operation, target, words),
                b"" if body is None else body.encode(),
                "application/octet-stream" if body is None else "application/json",
            )
        self.statements = len(statements)
        self.problem: dict[str, Any] = {}
        if self.response.headers.get("Content-Type") == "application/problem+json":
            self.problem = json.loads(self.response.content)

    @property
    def answer(self) -> str:
        """The status, and the slug of a refusal."""
        return f"{self.response.status_code} {self.problem.get('code', '')}".strip()

    @property
    def seen(self) -> tuple[Any, ...]:
        """All that a client can see of a refusal, and how much the database was asked for it."""
        headers = {name: value for name, value in self.response.headers.items() if name not in VOLATILE}
        body = {name: value for name, value in self.problem.items() if name != "request_id"}
        cookies = sorted(self.response.cookies.keys())
        return self.response.status_code, headers, cookies, body or self.response.content, self.statements


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    rates = ("carillon_login", "carillon_login_address", "carillon_refresh", "carillon_ticket", "carillon_password")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": dict.fromkeys(rates)}


def test_every_operation_has_a_line_and_every_line_an_operation() -> None:
    unknown, gone = operations().keys() - REST.keys(), REST.keys() - operations().keys()
    assert not unknown, f"who may do {', '.join(sorted(unknown))}? {HOW}"
    assert not gone, f"delete the lines of {', '.join(sorted(gone))}: there is no such operation"


def test_every_address_is_in_openapi_or_has_a_reason_not_to_be() -> None:
    described = {path: set(methods) for path, methods in document()["paths"].items()}
    for route, methods in routes():
        if route not in ELSEWHERE:
            assert described.get(f"/{route}") == methods, f"/{route} is not (wholly) in OpenAPI: describe it, or {HOW}"


def test_the_matrix_is_large() -> None:
    for name, line in REST.items():
        assert line.rules.keys() - set(PARTICIPANTS) == set(ACTORS), name
    assert sum(len(line.rules) for line in REST.values()) * len(TARGETS) >= 1_700


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(REST))
def test_everybody_gets_what_the_table_says(name: str) -> None:
    operation, line = operations()[name], REST[name]
    world = World(talks=(*SIGNED_IN, *OUTSIDE[1:], *PARTICIPANTS) if line.is_of_talks else ())
    before = holdings(world.bystander.user)
    answers = {}
    for actor in line.rules:
        cells = {target: Cell(world, operation, line, actor, target) for target in TARGETS}
        answers[actor] = tuple(cell.answer for cell in cells.values())
        assert line.may_tell or MARK not in cells["foreign"].response.content.decode()
        if cells["foreign"].response.status_code >= 400 and not line.may_tell:
            assert cells["foreign"].seen == cells["missing"].seen, (
                actor,
                "can tell what is another's from what is not there",
            )
    assert answers == dict(line.rules)
    assert holdings(world.bystander.user) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", sorted(route for route, (_, line) in ELSEWHERE.items() if line))
def test_what_openapi_leaves_out_is_the_same_for_everybody(route: str) -> None:
    world, line = World(), ELSEWHERE[route][1]
    assert line is not None
    path = "/api/v1/nowhere/" if route.startswith("^") else f"/{route}"
    for actor in ACTORS:
        cell = Cell(world, Operation(route, "GET", path), line, actor, "own")
        assert cell.answer == line.rules[actor][0], actor
        assert MARK not in cell.response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_several_only_ones_own_are_touched() -> None:
    world = World()
    owner, before = world.actor("owner"), holdings(world.bystander.user)
    line = Line(REST["batch"].rules, {"action": "delete", "ids": [owner.ids[0], world.bystander.ids[0], "f" * 12]})
    cell = Cell(world, operations()["batch"], line, "owner", "own")
    assert cell.answer == "200"
    assert MARK not in cell.response.content.decode()
    assert holdings(world.bystander.user) == before


def _whom(line: Line, operation: Operation, target: str, words: dict[str, str]) -> str:
    """Where nothing else names the target, the query does, in every way that a careless view might listen to."""
    if target == "own" or line.cookie or "{" in operation.path or "{" in json.dumps([*_texts(line.body)]):
        return ""
    return "?" + urlencode({name: words["user"] for name in ("user", "user_id", "person", "recipient", "owner", "as")})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
