"""REST of people: signing in and out, the refresh cookie, tickets, passwords, limits."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client, override_settings

from carillon.people import actions
from carillon.people.api.throttles import RATES
from carillon.people.models import Profile, SignIn
from carillon.realtime.identity import Credential, Handshake, verifier_of
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

AUTH = "/api/v1/auth"


@pytest.fixture(autouse=True)
def _no_limits_yet() -> None:
    cache.clear()


@pytest.fixture
def alice() -> Any:
    user = make_user("alice", first_name="Alice", last_name="Fontaine", email="alice@example.org", language="fr")
    user.set_password("a long password 1")
    user.save()
    return user


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(path, body if body is not None else {}, content_type="application/json", headers=headers)


def sign_in(client: Client, password: str = "", **headers: str) -> Any:
    body = {"username": "alice", "password": password or "a long password 1"}
    return post(client, f"{AUTH}/login/", body, **headers)


def bearer(response: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {response.json()['access']}"}


def test_signing_in_gives_an_access_token_and_hides_the_refresh_token(alice: Any) -> None:
    client = Client()
    answer = sign_in(client)
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"access", "expires_in", "person", "language", "time_zone"}
    assert body["person"] == {
        "id": str(alice.pk),
        "name": "Alice Fontaine",
        "role": "",
        "avatar": "",
        "username": "alice",
    }
    assert (body["expires_in"], body["language"], body["time_zone"]) == (600, "fr", "Europe/Paris")
    cookie = answer.cookies["carillon_refresh"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", f"{AUTH}/", "")
    assert cookie.value not in answer.content.decode()
    assert sign_in(Client(), **{"X-Forwarded-Proto": "https"}).cookies["carillon_refresh"]["secure"] == ""
    secure = Client().post(
        f"{AUTH}/login/", {"username": "alice", "password": "a long password 1"}, "application/json", secure=True
    )
    assert secure.cookies["carillon_refresh"]["secure"] is True


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(alice: Any) -> None:
    answers = [
        post(Client(), f"{AUTH}/login/", {"username": name, "password": "wrong"}) for name in ("alice", "nobody at all")
    ]
    alice.is_active = False
    alice.save()
    answers.append(sign_in(Client()))
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "unauthenticated"
    assert not SignIn.objects.exists()


class QuickHasher(PBKDF2PasswordHasher):
    """Slow enough to be seen in the time of an answer, and no slower."""

    algorithm = "quick"
    iterations = 100_000


@override_settings(PASSWORD_HASHERS=[f"{__name__}.QuickHasher"])
def test_a_wrong_password_and_an_unknown_name_take_the_same_time(alice: Any) -> None:
    alice.set_password("right")
    alice.save()
    spent: dict[str, list[float]] = {"alice": [], "nobody": []}
    for _ in range(5):
        for name, times in spent.items():
            cache.clear()
            began = time.perf_counter()
            post(Client(), f"{AUTH}/login/", {"username": name, "password": "wrong"})
            times.append(time.perf_counter() - began)
    known, unknown = statistics.median(spent["alice"]), statistics.median(spent["nobody"])
    assert known == pytest.approx(unknown, rel=0.3)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"username": "alice"}, "invalid"),
        ({"username": "", "password": "x"}, "invalid"),
        ({"username": ["alice"], "password": "x"}, "invalid"),
        ({"username": "a" * 151, "password": "x"}, "invalid"),
        ({"username": "alice", "password": "x" * 1025}, "invalid"),
        ([], "invalid"),
    ],
)
def test_what_is_no_sign_in_is_invalid(body: Any, code: str) -> None:
    answer = post(Client(), f"{AUTH}/login/", json.dumps(body))
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_the_refresh_cookie_is_rotated(alice: Any) -> None:
    client = Client()
    first = sign_in(client).cookies["carillon_refresh"].value
    answer = post(client, f"{AUTH}/refresh/")
    assert answer.status_code == 200
    assert answer.cookies["carillon_refresh"].value != first
    assert client.get("/api/v1/me/", headers=bearer(answer)).json()["username"] == "alice"


def test_without_a_good_cookie_there_is_no_refresh(alice: Any) -> None:
    assert post(Client(), f"{AUTH}/refresh/").json()["code"] == "unauthenticated"
    client = Client()
    client.cookies["carillon_refresh"] = "made up"
    assert post(client, f"{AUTH}/refresh/").json()["code"] == "token_invalid"
    sign_in(client)
    actions.sign_out_everywhere(alice)
    answer = post(client, f"{AUTH}/refresh/")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")
    assert answer.cookies["carillon_refresh"].value == ""


@pytest.mark.parametrize("path", ["login", "refresh", "logout"])
def test_a_page_of_another_origin_cannot_ride_on_the_cookie(alice: Any, path: str) -> None:
    client = Client()
    sign_in(client)
    body = {"username": "alice", "password": "a long password 1"}
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81"):
        answer = post(client, f"{AUTH}/{path}/", body, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), origin
    assert post(client, f"{AUTH}/{path}/", body, Origin="http://testserver").status_code in (200, 204)


def test_signing_out_ends_the_session_of_this_device(alice: Any) -> None:
    here, there = Client(), Client()
    access, other = sign_in(here), sign_in(there)
    answer = post(here, f"{AUTH}/logout/")
    assert answer.status_code == 204 and answer.content == b""
    assert here.get("/api/v1/me/", headers=bearer(access)).json()["code"] == "session_revoked"
    assert post(here, f"{AUTH}/logout/").status_code == 204
    assert there.get("/api/v1/me/", headers=bearer(other)).status_code == 200
    assert post(Client(), f"{AUTH}/logout/", **bearer(other)).status_code == 204
    assert there.get("/api/v1/me/", headers=bearer(other)).status_code == 401


def test_signing_out_everywhere_ends_them_all(alice: Any) -> None:
    clients = [Client(), Client()]
    answers = [sign_in(client) for client in clients]
    assert post(clients[0], f"{AUTH}/logout-all/", **bearer(answers[0])).status_code == 204
    for client, answer in zip(clients, answers, strict=True):
        assert client.get("/api/v1/me/", headers=bearer(answer)).status_code == 401
        assert post(client, f"{AUTH}/refresh/").status_code == 401


def test_a_new_password_ends_the_others(alice: Any) -> None:
    here, there = Client(), Client()
    access, other = sign_in(here), sign_in(there)
    change = {"current": "a long password 1", "new": "another long one 2"}
    wrong = post(here, f"{AUTH}/password/", {**change, "current": "wrong"}, **bearer(access))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "current")
    assert post(here, f"{AUTH}/password/", change, **bearer(access)).status_code == 204
    assert here.get("/api/v1/me/", headers=bearer(access)).status_code == 200
    assert there.get("/api/v1/me/", headers=bearer(other)).status_code == 401
    assert sign_in(Client()).status_code == 401
    assert sign_in(Client(), "another long one 2").status_code == 200


def test_a_ticket_carries_the_session_and_its_end(alice: Any) -> None:
    client = Client()
    access = sign_in(client)
    answer = post(client, f"{AUTH}/ticket/", **bearer(access))
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    verifier = verifier_of("ticket")
    assert verifier is not None
    handshake = Handshake(path="/ws/", headers={}, client="")
    identity = verifier(Credential("ticket", answer.json()["ticket"]), handshake)
    claims = jwt.decode(access.json()["access"], options={"verify_signature": False})
    assert identity.expires_at == claims["exp"]
    assert f"session:{claims['sid']}" in identity.principals
    assert post(Client(), f"{AUTH}/ticket/").status_code == 401


def test_people_change_what_is_theirs_and_nothing_else(alice: Any) -> None:
    client = Client()
    access = bearer(sign_in(client))

    def patch(body: Any) -> Any:
        return client.patch("/api/v1/me/", body, content_type="application/json", headers=access)

    answer = patch({"name": "Alice F.", "language": "en", "time_zone": "America/Lima", "avatar": "/faces/a.png"})
    assert answer.json() == {
        "person": {"id": str(alice.pk), "name": "Alice F.", "role": "", "avatar": "/faces/a.png", "username": "alice"},
        "username": "alice",
        "email": "alice@example.org",
        "language": "en",
        "time_zone": "America/Lima",
    }
    for field in ("role", "is_staff", "username", "person"):
        assert patch({field: "x"}).json()["code"] == "unknown_field"
    assert patch({"language": "xx"}).json()["errors"][0]["field"] == "language"
    # Under the name that was given, not that of a column.
    assert patch({"avatar": "javascript:alert(1)"}).json()["errors"][0]["field"] == "avatar"
    assert patch({"name": None}).status_code == 400
    assert patch({}).json() == client.get("/api/v1/me/", headers=access).json()
    assert Profile.objects.get().role == ""


@covers("004-10")
def test_the_token_routes_of_the_documents(alice: Any) -> None:
    body = {"username": "alice", "password": "a long password 1"}
    form = Client().post("/api/token/", urlencode(body), content_type="application/x-www-form-urlencoded")
    assert form.json().keys() == {"access", "refresh"}
    pair = post(Client(), "/api/token/", body).json()
    assert pair.keys() == {"access", "refresh"}
    refreshed = post(Client(), "/api/token/refresh/", {"refresh": pair["refresh"]})
    assert refreshed.json().keys() == {"access", "refresh"}
    assert refreshed.json()["refresh"] != pair["refresh"]
    assert post(Client(), "/api/token/refresh/", {"refresh": pair["access"]}).json()["code"] == "token_invalid"
    assert post(Client(), "/api/token/", {**body, "password": "x"}).status_code == 401


def test_each_limit_is_hit_exactly_at_its_documented_value(alice: Any) -> None:
    access = bearer(sign_in(Client()))
    cache.clear()
    wrong = {"username": "alice", "password": "x"}
    change = {"current": "x", "new": "y"}
    for path, body, headers, allowed in (
        ("login", wrong, {}, RATES["carillon_login"]),
        ("refresh", {}, {}, RATES["carillon_refresh"]),
        ("ticket", {}, access, RATES["carillon_ticket"]),
        ("password", change, access, RATES["carillon_password"]),
    ):
        count = int(allowed.partition("/")[0])
        answers = [post(Client(), f"{AUTH}/{path}/", body, **headers) for _ in range(count + 1)]
        assert 429 not in {answer.status_code for answer in answers[:-1]}, path
        last = answers[-1]
        assert (last.status_code, last.json()["code"]) == (429, "rate_limited"), path
        assert 0 < last.json()["retry_after"] <= 60 and int(last["Retry-After"]) >= 1


def test_other_accounts_are_unaffected_and_headers_choose_no_address(alice: Any) -> None:
    def attempt(name: str, forwarded: str) -> int:
        body = {"username": name, "password": "x"}
        status: int = post(Client(), f"{AUTH}/login/", body, **{"X-Forwarded-For": forwarded}).status_code
        return status

    assert {attempt("alice", f"10.0.0.{n}") for n in range(10)} == {401}
    assert attempt("ALICE", "10.0.1.1") == 429
    assert attempt("bruno", "10.0.1.1") == 401
    assert [attempt(f"user{n}", "") for n in range(48)].count(429) == 0
    assert attempt("one more", "") == 429
