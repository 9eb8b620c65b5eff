"""Service keys: good for what they name and for nothing else, told once, and nobody's account."""

from __future__ import annotations

import datetime as dt
import io
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.views import APIView

from carillon.errors import Invalid, Unauthenticated
from carillon.people.actions import create_key, revoke_key
from carillon.people.api.throttles import KeyLimit
from carillon.people.models import SCOPES, ServiceKey
from carillon.realtime.identity import Credential, Handshake, verifier_of
from carillon.server.logs import scrub
from tests.support.people import make_user
from tests.support.services import Service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PERSON = "/api/v1/people/42/"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _no_limits_yet() -> None:
    cache.clear()


def ask(credential: str, path: str = PERSON, scheme: str = "Api-Key") -> Any:
    return Client().get(path, headers={"Authorization": f"{scheme} {credential}"})


def test_a_key_opens_what_its_scopes_name_and_nothing_else() -> None:
    assert Service("people:read").get(PERSON).status_code == 404
    for scopes in (["people:write"], ["notifications:send"]):
        answer = Service(*scopes).get(PERSON)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["detail"] == "This API key has no scope people:read."


def test_the_secret_is_stored_nowhere() -> None:
    key, credential = create_key("billing, nightly", "billing", ["people:read"])
    prefix, _, secret = credential.partition(".")
    assert prefix == key.prefix and len(secret) == 43
    stored = ServiceKey.objects.values().get()
    assert secret not in str(stored) and len(stored["digest"]) == 64


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-1] + ("A" if good[-1] != "A" else "B"),
        lambda good: good.partition(".")[0],
        lambda good: good.partition(".")[0] + ".",
        lambda good: "ck_000000000000." + good.partition(".")[2],
        lambda good: "." + good.partition(".")[2],
        lambda good: "",
        lambda good: good + "\x00",
        lambda good: good + "é",
        lambda good: "x" * 5000,
        lambda good: "'; DROP TABLE auth_user; --",
    ],
)
def test_what_is_no_key_is_refused_without_telling_why(spoil: Any) -> None:
    good = Service("people:read").credential
    answer = ask(spoil(good))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer.json()["detail"] == "The API key is not valid."
    assert answer["WWW-Authenticate"] == 'Api-Key realm="api"'
    assert good.partition(".")[2] not in answer.content.decode()


def test_revoked_and_expired_keys_say_so_to_who_knows_the_secret() -> None:
    revoked, expired = Service("people:read"), Service("people:read", expires_at=timezone.now() + dt.timedelta(hours=1))
    revoke_key(revoked.key.prefix)
    revoke_key(revoked.key.prefix)
    assert revoked.get(PERSON).json()["code"] == "session_revoked"
    assert ask(f"{revoked.key.prefix}.guess").json()["code"] == "token_invalid"
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        answer = expired.get(PERSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_the_scheme_is_the_one_of_keys() -> None:
    credential = Service("people:read").credential
    assert ask(credential, scheme="api-key").status_code == 404, "schemes have no case"
    for scheme in ("Bearer", "Basic", "Token"):
        answer = ask(credential, scheme=scheme)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    nobody = Client().get(PERSON)
    assert (nobody.status_code, nobody["WWW-Authenticate"]) == (401, 'Api-Key realm="api"')


def test_people_need_a_key_for_what_is_for_keys() -> None:
    staff = Client()
    staff.force_login(make_user(is_staff=True, is_superuser=True))
    for method in (staff.get, staff.put, staff.delete):
        assert method(PERSON).json()["code"] == "unauthenticated"


PERSONAL = [
    ("get", "/api/v1/me/"),
    ("patch", "/api/v1/me/"),
    ("post", "/api/v1/auth/ticket/"),
    ("post", "/api/v1/auth/password/"),
    ("post", "/api/v1/auth/logout-all/"),
    ("get", "/api/v1/notifications/"),
    ("get", "/api/v1/notifications/inbox/"),
    ("get", "/api/v1/notifications/000000000000/"),
    ("post", "/api/v1/notifications/read-all/"),
    ("post", "/api/v1/notifications/batch/"),
    ("get", "/api/notifications/"),
    ("get", "/notifications/"),
]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize(("method", "path"), PERSONAL)
def test_a_key_is_nobody_wherever_a_person_is_needed(method: str, path: str, everywhere: bool, settings: Any) -> None:
    if everywhere:
        # A host that lets keys in at every view does not make people of them.
        classes = [
            "carillon.people.keys.ApiKeyAuthentication",
            *settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"],
        ]
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": classes}
    answer = Service(*SCOPES).send(method, path, {} if method != "get" else None)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("kind", ["bearer", "ticket"])
def test_a_key_opens_no_socket(kind: str, settings: Any) -> None:
    classes = ["carillon.people.keys.ApiKeyAuthentication", *settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]]
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": classes}
    verifier = verifier_of(kind)
    assert verifier is not None
    with pytest.raises(Unauthenticated) as refused:
        verifier(Credential(kind, Service(*SCOPES).credential), Handshake(path="/ws/", headers={}, client="127.0.0.1"))
    assert refused.value.slug == "token_invalid"


def test_beyond_its_rate_a_key_waits_and_others_do_not() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        service = Service("people:read", rate_per_minute=3)
        other = Service("people:read", rate_per_minute=3)
        assert [service.get(PERSON).status_code for _ in range(4)] == [404, 404, 404, 429]
        refused = service.get(PERSON)
        assert refused.json()["code"] == "rate_limited"
        assert other.get(PERSON).status_code == 404
        wait = refused.json()["retry_after"]
        assert 0 < wait <= 120 and int(refused["Retry-After"]) >= wait
        clock.shift(wait - 1)
        assert service.get(PERSON).status_code == 429
        clock.shift(1.1)
        assert service.get(PERSON).status_code == 404


@pytest.mark.parametrize("rate", [1, 2, 7, 60])
def test_no_minute_holds_much_more_than_the_rate(rate: int) -> None:
    key = Service("people:read", rate_per_minute=rate).key
    with time_machine.travel(NOON, tick=False) as clock:
        passed = []
        for _ in range(900):
            if KeyLimit().allow_request(cast(Any, SimpleNamespace(auth=key)), APIView()):
                passed.append(timezone.now())
            clock.shift(dt.timedelta(seconds=0.5))
    minute = dt.timedelta(minutes=1)
    assert max(sum(at <= other < at + minute for other in passed) for at in passed) <= 2 * rate
    # Over these seven minutes and a half, nearly what was promised.
    assert 0.5 * rate * 7 <= len(passed) <= rate * 9


def test_the_count_is_that_of_the_shared_cache() -> None:
    service = Service("people:read", rate_per_minute=2)
    with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}):
        assert {service.get(PERSON).status_code for _ in range(5)} == {404}, "a cache that keeps nothing limits nothing"
    assert [service.get(PERSON).status_code for _ in range(3)] == [404, 404, 429]


def test_when_a_key_was_used_is_written_at_most_once_a_minute() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        service = Service("people:read")
        service.get(PERSON)
        clock.shift(59)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            service.get(PERSON)
        assert not [query for query in seen.captured_queries if query["sql"].startswith("UPDATE")]
        service.key.refresh_from_db()
        assert service.key.last_used_at == NOON
        clock.shift(1)
        service.get(PERSON)
        service.key.refresh_from_db()
        assert service.key.last_used_at == NOON + dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 101}),
        ("namespace", {"namespace": "Not This"}),
        ("namespace", {"namespace": ""}),
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["everything"]}),
        ("rate_per_minute", {"rate_per_minute": 0}),
        ("expires_at", {"expires_at": NOON - dt.timedelta(days=9999)}),
    ],
)
def test_keys_that_cannot_be_are_not_made(field: str, change: dict[str, Any]) -> None:
    wanted: dict[str, Any] = {"name": "x", "namespace": "billing", "scopes": ["people:read"]} | change
    with pytest.raises(Invalid) as refused:
        create_key(**wanted)
    assert [detail["field"] for detail in refused.value.details] == [field]
    assert not ServiceKey.objects.exists()


def test_the_command_makes_lists_and_revokes() -> None:
    out, err = io.StringIO(), io.StringIO()
    options = ["--namespace", "billing", "--scope", "people:read", "--rate", "7", "--days", "30"]
    call_command("carillon_service_key", "create", "billing, nightly", *options, stdout=out, stderr=err)
    credential = out.getvalue().strip()
    assert ask(credential).status_code == 404
    listed = io.StringIO()
    call_command("service_key", "list", stdout=listed)
    assert "billing, nightly  people:read  7/min  last used" in listed.getvalue()
    assert credential.partition(".")[2] not in listed.getvalue()
    call_command("carillon_service_key", "revoke", credential.partition(".")[0], stdout=io.StringIO())
    assert ask(credential).json()["code"] == "session_revoked"
    for wrong in (["revoke", "ck_unknown"], ["create", "x", "--namespace", "No", "--scope", "people:read"]):
        with pytest.raises(CommandError):
            call_command("carillon_service_key", *wrong)


def test_the_admin_tells_a_key_once_and_then_only_its_prefix() -> None:
    admin = Client(headers={"Accept-Language": "en"})
    staff = make_user(is_staff=True, is_superuser=True)
    admin.force_login(staff)
    pages = "/admin/carillon_people/servicekey/"
    wrong = {"name": "crm", "namespace": "No Spaces", "scopes": ["people:read"], "rate_per_minute": 0}
    refused = admin.post(f"{pages}add/", wrong).content.decode()
    assert "Lower-case letters" in refused and not ServiceKey.objects.exists()
    wanted = {"name": "crm", "namespace": "crm", "scopes": ["people:read"], "rate_per_minute": 60}
    told = admin.post(f"{pages}add/", wanted, follow=True).content.decode()
    key = ServiceKey.objects.get()
    assert key.created_by == staff
    credential = next(word for word in told.replace("<", " ").split() if word.startswith(f"{key.prefix}."))
    assert ask(credential).status_code == 404
    for page in (pages, f"{pages}{key.pk}/change/", f"{pages}{key.pk}/history/"):
        seen = admin.get(page).content.decode()
        assert key.name in seen
        assert credential.partition(".")[2] not in seen and key.digest not in seen
    admin.post(f"{pages}{key.pk}/change/", {"name": "renamed", "scopes": list(SCOPES)})
    key.refresh_from_db()
    assert (key.name, key.scopes) == ("crm", ["people:read"])
    assert admin.post(f"{pages}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(pages, {"action": "revoke", "_selected_action": [key.pk]})
    assert ask(credential).json()["code"] == "session_revoked"


def test_no_key_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = Service("people:read")
    secret = service.credential.partition(".")[2]
    service.get(PERSON)
    ask(service.credential + "x")
    assert secret not in caplog.text
    assert secret not in scrub(f"Authorization: Api-Key {service.credential}")
