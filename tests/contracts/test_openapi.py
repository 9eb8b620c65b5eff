"""The REST API against its own OpenAPI document, by schemathesis: no 5xx, and no answer that the document does not tell of (S32)."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.generation.meta import TestPhase
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from carillon.conversations import actions as talking
from carillon.conversations.models import Membership, Message
from carillon.notifications.actions import settle
from carillon.notifications.buttons import plain
from carillon.notifications.models import Notification
from carillon.people import actions, tokens
from carillon.people.models import SCOPES
from carillon.server.management.commands.schema import documents
from tests.contracts.access.world import BUTTON, filled
from tests.support.people import make_user

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]

# How many requests each role makes at least; the three that try everything make 5,000.
REQUESTS = {"anonymous": 1_600, "person": 1_700, "staff": 1_700, "key": 150}
# Under which scheme of the document.
SCHEMES = {"anonymous": "", "person": "bearer", "staff": "bearer", "key": "apiKey"}
# Operations that no run is asked to succeed with.
UNREACHED = {
    "refresh": "its cookie is no parameter of the document",
    "token_refresh": "its one token may have been ended by signing out everywhere before",
    "change_password": "the other requests would not know the new one",
}
STAFF_ONLY = {"notify"}
LIMITS = ("carillon_login", "carillon_login_address", "carillon_refresh", "carillon_ticket", "carillon_password")
PHASES = {"examples", "coverage", "fuzzing", "stateful"}

IDS = [f"{number:012x}" for number in range(40)]
# As in the examples of the document, whoever was made before in this database.
NAME, PASSWORD = "alice", "alice"
ASKS, OTHERS = 1, (2, 3, 4)
# Words that make a request succeed; the rest is what schemathesis thinks of.
DICTIONARIES: dict[str, list[str]] = {
    "ids": IDS,
    "external_ids": ["number-1", "number-2", "number-3"],
    "names": [NAME],
    "passwords": [PASSWORD],
    "times": ["{soon}"],
    "stamps": ["40.1000000"],
    "titles": ["Hello", "Tschüß 🔔"],
    "severities": ["info", "warning"],
    "kinds": [""],
    "types": ["message", "system"],
    "urls": ["/inbox", "https://example.org/?a=b"],
    "buttons": [BUTTON.name],
    "languages": ["fr", "en"],
    "zones": ["Europe/Paris", "UTC"],
    "refresh": ["{refresh}"],
    "emoji": ["\N{THUMBS UP SIGN}", "\N{PARTY POPPER}"],
    "roles": ["admin", "member"],
}
WORDS = {
    "path.id": "ids",
    "path.external_id": "external_ids",
    "body.ids[*]": "ids",
    "body.recipients[*]": "names",
    "body.username": "names",
    "body.password": "passwords",
    "body.until": "times",
    "body.stamp": "stamps",
    "body.title": "titles",
    "body.severity": "severities",
    "body.kind": "kinds",
    "body.type": "types",
    "body.url": "urls",
    "body.avatar": "urls",
    "body.language": "languages",
    "body.time_zone": "zones",
    "body.refresh": "refresh",
    "body.people[*]": "contacts",
    "body.content": "titles",
    "body.emoji": "emoji",
    "body.role": "roles",
    "path.message": "messages",
    "path.person": "contacts",
}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    # NUL is refused wherever it stands (GUARANTEES 3.3), which JSON Schema has no word for; other tests send it.
    "generation": {"max-examples": 5, "no-shrink": True, "database": "none", "allow-x00": False},
    "phases": {"stateful": {"generation": {"max-examples": 25}}},
    # Else the texts in our own source are tried too, and each change of it is another run.
    "analysis": {"constants": {"enabled": False}},
    "parameters": {where: {"dictionary": name, "probability": 0.7} for where, name in WORDS.items()},
    "operations": [
        {
            "include-operation-id": "press_notification",
            "parameters": {"body.action": {"dictionary": "buttons", "probability": 0.7}},
        },
        {
            "include-path-regex": "^/api/v1/conversations/",
            "parameters": {
                "path.id": {"dictionary": "talks", "probability": 0.8},
                "path.message": {"dictionary": "messages", "probability": 0.8},
                "path.person": {"dictionary": "contacts", "probability": 0.8},
            },
        },
    ],
    "output": {"sanitization": {"enabled": False}},
}

# What a document cannot say: requests that are as it asks may still be refused (400) because of these fields.
BEYOND_SCHEMA = {
    "cursor": "only those that a page gave",
    "stamp": "only those that marking all read gave",
    "until": "a time within the next year; in a batch with snooze, and only there",
    "up_to": "1.0 is an integer to JSON Schema, and none to our decoder",
    "recipients": "names of people that exist",
    "external_ids": "ids that the service has mapped",
    "external_id": "printable, and no part of a path",
    "audience": "either a role or everyone",
    "actor": "somebody that exists",
    "user": "somebody that exists",
    "username": "what the host's users may be called",
    "email": "an address",
    "kind": "kinds that the host registered",
    "severity": "one of four; the host's own types besides",
    "type": "one of four; the host's own types besides",
    "title": "a title or a kind is needed",
    "url": "an address that a click may open",
    "buttons": "a name for each, and either a command that is registered or a link",
    "action": "a button that this notification has",
    "current": "the password of the person, which nobody guesses here; tests/contracts/test_access.py knows it",
    "new": "the rules for passwords are the host's",
    "avatar": "an address that may stand in a page",
    "language": "one of those of the host",
    "time_zone": "one that the system knows",
    "people": "one person for a direct conversation",
    "picture": "an address that may stand in a page",
    "content": "more than blanks",
    "emoji": "an emoji, which is no word",
    "reply_to": "a message of this conversation",
    **dict.fromkeys(("before", "after", "around"), "only one of the three"),
    "message": "a message of this conversation",
    "person": "not oneself",
}


ALWAYS_REFUSED = {
    # In whatever a body carries besides (GUARANTEES 3.3).
    ("malformed", "An integer is out of range."),
    ("malformed", "A number is out of range."),
    # The same key came with another body before.
    ("idempotency_mismatch", "This key was used for another request."),
}


@dataclass
class Report:
    """What one run did and found."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, scenario: events.ScenarioFinished) -> None:
        """Count a scenario's requests and keep what its checks refused."""
        for number, interaction in scenario.recorder.interactions.items():
            operation = scenario.recorder.cases[number].value.operation
            status = interaction.response.status_code if interaction.response else 0
            self.requests[str(scenario.phase)] += 1
            self.statuses[status] += 1
            if 200 <= status < 300:
                self.succeeded.add(operation.definition.raw["operationId"])
        self.failures |= dict(_failures(scenario))


@pytest.fixture(autouse=True)
def in_process(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No limits on requests, and no log line for each refusal."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": dict.fromkeys(LIMITS)}
    monkeypatch.setattr(logging.getLogger("django.request"), "level", logging.CRITICAL)
    send = WSGI_TRANSPORT.send

    def without_network(case: Any, **options: Any) -> Any:
        # schemathesis 4.32 hands these to its client without a network when it probes without credentials.
        return send(case, **{name: options[name] for name in options.keys() - {"max_redirects", "verify", "cert"}})

    monkeypatch.setattr(WSGI_TRANSPORT, "send", without_network)


@pytest.mark.parametrize("role", REQUESTS)
def test_every_answer_is_documented(role: str) -> None:
    user = make_user(NAME, pk=ASKS, is_staff=role == "staff")
    user.set_password(PASSWORD)
    user.save()
    report = Report()
    for event in from_schema(_schema(user, role)).execute():
        assert not isinstance(event, events.FatalError | events.Interrupted | events.NonFatalError), event
        if isinstance(event, events.ScenarioFinished):
            report.add(event)
    assert not report.failures, "\n\n".join(f"{what}\n{how}" for what, how in report.failures.items())
    assert all(100 <= status < 500 for status in report.statuses)
    assert report.requests.keys() >= PHASES
    assert report.requests.total() >= REQUESTS[role]
    unreached = _open_to(role) - report.succeeded - UNREACHED.keys()
    assert not unreached, "say in WORDS, or by an example in the document, what makes these succeed"


def _document(role: str) -> dict[str, Any]:
    """The published document; for a service key, what it opens and nothing else."""
    document: dict[str, Any] = documents()["openapi.json"]
    if role == "key":
        for path, methods in document["paths"].items():
            if not any({"apiKey": []} in each["security"] for each in methods.values()):
                document["paths"][path] = {}
    return document


def _open_to(role: str) -> set[str]:
    """The operations that are not closed to a role."""
    found = [each for methods in documents()["openapi.json"]["paths"].values() for each in methods.values()]
    way: dict[str, Any] = {SCHEMES[role]: []} if SCHEMES[role] else {}
    names = {each["operationId"] for each in found if way in each["security"]}
    return names - (STAFF_ONLY if role == "person" else set())


def _schema(user: Any, role: str) -> Any:
    words = {
        "soon": (timezone.now() + dt.timedelta(hours=1)).isoformat(),
        "refresh": tokens.open_session(user).refresh,
    }
    talks = Talks(user)
    dictionaries = {
        name: {"values": filled(values, words)} for name, values in (DICTIONARIES | talks.dictionaries).items()
    }
    config = SchemathesisConfig.from_dict({**CONFIG, "dictionaries": dictionaries})
    schema = schemathesis.openapi.from_dict(_document(role), config=config)
    schema.app = get_wsgi_application()
    schema.hook("filter_failure")(_is_failure)
    if role == "key":
        key = actions.create_key("fuzz", "fuzz", SCOPES, rate_per_minute=100_000)[1]
        schema.auth(refresh_interval=None)(_sending(lambda _: f"Api-Key {key}"))
    elif role != "anonymous":
        schema.auth(refresh_interval=None)(_sending(lambda case: _session_of(user, talks, case)))
    return schema


class Talks:
    """Conversations of the person who asks, with others in them and something said."""

    def __init__(self, user: Any) -> None:
        self.user, self.others = user, [make_user(pk=key) for key in OTHERS]
        made = [talking.open_conversation(user, "group", self.others, title="Together") for _ in range(3)]
        self.keys = [each.pk for each in made]
        self.messages = [talking.send_message(user, key, "Hello").message.id for key in self.keys for _ in range(2)]
        self.dictionaries = {
            "talks": self.keys,
            "messages": self.messages,
            "contacts": [str(other.pk) for other in self.others],
        }

    def restore(self) -> None:
        """Whoever left is there again, and what was deleted too."""
        there = Membership.objects.filter(conversation__in=self.keys)
        there.exclude(user=self.user).update(left_at=None)
        there.filter(user=self.user).update(left_at=None, role="owner")
        Message.objects.filter(pk__in=self.messages).update(deleted_at=None)


def _session_of(user: Any, talks: Talks, case: Any) -> str:
    """A session for each request, for some requests end all of them; and something to work on, for some delete it."""
    there = set(Notification.objects.filter(user=user, pk__in=IDS).values_list("pk", flat=True))
    # Within a story what was deleted stays deleted.
    if not there or case.meta.phase.name != TestPhase.STATEFUL:
        buttons = plain([BUTTON])
        gone = [id for id in IDS if id not in there]
        Notification.objects.bulk_create(Notification(id=id, user=user, title="Hello", buttons=buttons) for id in gone)
        settle([user.pk])
    if case.meta.phase.name != TestPhase.STATEFUL:
        talks.restore()
    return f"Bearer {tokens.open_session(user).access}"


def _sending(authorization: Callable[[Any], str]) -> Any:
    class Auth:
        def get(self, case: Any, context: Any) -> str:
            return authorization(case)

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": data}

    return Auth


def _is_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a refused request was refused for something that the document could have said."""
    if case.meta.phase.name == TestPhase.STATEFUL and not isinstance(case.path_parameters.get("message", 0), int):
        # A story took what an answer calls `message` for the one in the path: it is an object, and no path has those.
        return False
    if "positive_data_acceptance" not in failure.checks:
        return True
    problem: Mapping[str, Any] = response.json()
    if (problem["code"], problem["detail"]) in ALWAYS_REFUSED:
        return False
    fields = {detail["field"].partition(".")[0].partition("[")[0] for detail in problem.get("errors", ())}
    return not fields or not fields <= BEYOND_SCHEMA.keys()


def _failures(scenario: events.ScenarioFinished) -> Iterator[tuple[str, str]]:
    for number, checks in scenario.recorder.checks.items():
        for check in (check for check in checks if check.failure_info is not None):
            failure, response = check.failure_info.failure, scenario.recorder.interactions[number].response
            how = [check.failure_info.code_sample, response.text if response else ""]
            yield f"{failure.operation} {check.name}: {failure.title}: {failure.message}", "\n".join(how)
