"""Fields that a request has no business with: each is refused or without effect, on every write (GUARANTEES S10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client

from carillon.conversations.models import Block, Conversation, Membership, Message, Reaction, ReadMark
from carillon.errors import Invalid
from carillon.notifications.models import Inbox, Notification
from carillon.people.models import ExternalId, Profile, ServiceKey, SignIn, Ticket
from carillon.realtime.command import registered_commands
from carillon.realtime.models import IdempotencyKey, StoredEvent, TopicHead
from tests.contracts.access.operations import Operation, commands, document, operations
from tests.contracts.access.rules import ACTORS, Line
from tests.contracts.access.table import REST, SOCKET
from tests.contracts.access.world import World, filled, holdings

TABLES = (
    *(get_user_model(), Profile, SignIn, Ticket, ServiceKey, ExternalId),
    *(Notification, Inbox, TopicHead, StoredEvent, IdempotencyKey),
)
TALKS = (get_user_model(), Conversation, Membership, ReadMark, Message, Reaction, Block, Notification, StoredEvent)
# Each field is a write of its own.
pytestmark = pytest.mark.usefixtures("unlimited")
MARK = "mass-assigned"
NUMBER = 987_654_321
DAY = "2001-02-03"
TRACES = (MARK[:12], str(NUMBER), DAY)


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "PERSON_COMMANDS_PER_SECOND": 10_000.0}


def _evil(column: Any, somebody: Any) -> Any:
    """A value that would fit the column, and could be found again."""
    if column.is_relation:
        return somebody.pk
    match column:
        case models.BooleanField():
            return not column.get_default()
        case models.DateTimeField():
            return f"{DAY}T04:05:06Z"
        case models.IntegerField() | models.FloatField():
            return NUMBER
        case models.JSONField():
            return {"note": MARK}
    return MARK[: column.max_length]


def evil_fields(somebody: Any, line: Line) -> dict[str, Any]:
    """Every column of every table that a request might hope to write, by both of its names."""
    found: dict[str, Any] = {}
    tables = TALKS if line.is_of_talks else TABLES
    for column in (column for table in tables for column in table._meta.concrete_fields):
        found |= dict.fromkeys((column.name, column.attname), _evil(column, somebody))
    return found | {
        "pk": NUMBER,
        "person": str(somebody.pk),
        "recipient": somebody.pk,
        "groups": [1],
        "as": somebody.pk,
    }


def _bodies() -> dict[str, set[str]]:
    """The fields of every body of REST, by the id of its operation."""
    components = document()["components"]["schemas"]
    found: dict[str, set[str]] = {}
    for methods in document()["paths"].values():
        for operation in (each for each in methods.values() if "requestBody" in each):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found[operation["operationId"]] = set(components[schema["$ref"].rpartition("/")[2]]["properties"])
    return found


BODIES = _bodies()


def _everything() -> str:
    """The whole database as text."""
    return "\n".join(str(row) for model in apps.get_models() for row in model._default_manager.values())


def _powers() -> list[tuple[Any, ...]]:
    users = get_user_model()._default_manager.order_by("pk")
    return list(users.values_list("pk", "username", "email", "is_staff", "is_superuser", "is_active", "date_joined"))


class Writer:
    """Somebody who may, sending one operation again and again."""

    def __init__(self, operation: Operation) -> None:
        self.operation, self.line = operation, REST[operation.name]
        self.world = World(talks=["owner"] if self.line.is_of_talks else ())
        self.actor = next(actor for actor in ACTORS if self.line.rules[actor][0].startswith("2"))

    def send(self, **extra: Any) -> tuple[str, list[dict[str, Any]]]:
        """The status and slug of the answer, and the notifications that are new, but for what differs each time."""
        me, known = self.world.actor(self.actor), set(Notification.objects.values_list("pk", flat=True))
        me.user.set_password(me.password)
        me.user.save()
        token = self.world.credential(self.actor)
        words = self.world.words(self.actor, "own", token)
        response = Client(headers=self.world.headers(self.actor, token)).generic(
            self.operation.method,
            self.line.address(self.operation.path, words),
            json.dumps({**filled(self.line.body, words), **extra}).encode(),
            "application/json",
        )
        code = json.loads(response.content).get("code", "") if response.content else ""
        new = Notification.objects.exclude(pk__in=known).values()
        differ = {"id", "number", "created_at", "announced_at"}
        return f"{response.status_code} {code}", [{k: v for k, v in row.items() if k not in differ} for row in new]


def test_every_body_has_an_example() -> None:
    assert all(REST[name].body is not None for name in BODIES), (
        "the line in tests/contracts/access/table.py needs a body"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_body_writes_no_field_but_its_own(name: str, settings: Any) -> None:
    rates = ("carillon_login", "carillon_login_address", "carillon_refresh", "carillon_password")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": dict.fromkeys(rates)}
    writer = Writer(operations()[name])
    somebody = writer.world.bystander.user
    before, powers = holdings(somebody), _powers()
    clean, plain = writer.send()
    extras = {key: value for key, value in evil_fields(somebody, writer.line).items() if key not in BODIES[name]}
    assert len(extras) >= 50
    for field, value in extras.items():
        answer, new = writer.send(**{field: value})
        assert answer == "400 unknown_field" or (answer, new) == (clean, plain), (field, answer)
    stored = _everything()
    assert not [trace for trace in TRACES if trace in stored]
    assert (holdings(somebody), _powers()) == (before, powers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(registered_commands()) & commands()))
def test_a_command_takes_no_field_but_its_own(name: str) -> None:
    definition, world = registered_commands()[name], World(talks=["owner"] if SOCKET[name].is_of_talks else ())
    data = filled(SOCKET[name].body, world.words("owner", "own", ""))
    plain = definition.validate(data)
    for field, value in evil_fields(world.bystander.user, SOCKET[name]).items():
        if field in definition.params.__struct_fields__:
            continue
        try:
            assert definition.validate({**data, field: value}) == plain, field
        except Invalid as refused:
            assert refused.slug == "unknown_field", field
