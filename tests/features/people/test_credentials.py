"""What opens a socket is verified as REST verifies it: by the host's own classes, never by cookies nor passwords."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import AccessToken

from carillon.errors import Unauthenticated
from carillon.people import actions, tokens
from carillon.people.credentials import django_session_id
from carillon.people.models import SignIn
from carillon.people.stamps import password_digest
from carillon.realtime import log
from carillon.realtime.admission import _verify_each
from carillon.realtime.identity import Credential, Handshake, Identity, verifier_of
from carillon.realtime.topic import user_topic
from tests.support.covers import covers
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

HANDSHAKE = Handshake(path="/ws/", headers={"host": "testserver", "user-agent": "x"}, client="127.0.0.1")


class KnockAuthentication(BaseAuthentication):
    """A host's own scheme: `Knock <user name>`; tells what the request looked like."""

    seen: list[Any] = []

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        self.seen.append(request._request)
        scheme, _, name = request.headers["Authorization"].partition(" ")
        if scheme != "Knock" or name == "nobody":
            raise AuthenticationFailed("who?")
        return make_user(name), {"exp": 5_000_000_000, "sid": "host-session"}

    def authenticate_header(self, request: Request) -> str:
        return 'Knock realm="house"'


def verify(kind: str, value: str, handshake: Handshake = HANDSHAKE) -> Identity:
    verifier = verifier_of(kind)
    assert verifier is not None
    return verifier(Credential(kind, value), handshake)


def refusal(kind: str, value: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        verify(kind, value)
    return refused.value.slug


@covers("000-03", "000-29", "004-10")
def test_the_token_of_rest_opens_a_socket() -> None:
    user = make_user("alice", first_name="Alice", last_name="Fontaine")
    pair = tokens.open_session(user)
    identity = verify("bearer", pair.access)
    assert (identity.person, identity.face.name) == (str(user.pk), "Alice Fontaine")
    assert set(identity.principals) == {str(user.pk), f"session:{SignIn.objects.get().sid}"}
    assert identity.expires_at == pytest.approx(timezone.now().timestamp() + 600, abs=5)


def test_expired_invalid_revoked_and_refresh_tokens_are_told_apart() -> None:
    user = make_user()
    pair = tokens.open_session(user)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        assert refusal("bearer", pair.access) == "token_expired"
    assert {refusal("bearer", token) for token in ("", "x", "a b", pair.refresh, pair.access[:-1])} == {"token_invalid"}
    actions.sign_out(user.pk, SignIn.objects.get().sid)
    assert refusal("bearer", pair.access) == "session_revoked"


def test_the_hosts_own_class_is_asked_under_its_own_scheme() -> None:
    classes = [
        "rest_framework.authentication.SessionAuthentication",
        "carillon.people.tokens.JWTAuthentication",
        f"{__name__}.KnockAuthentication",
    ]
    handshake = Handshake(
        path="/ws/",
        headers={"x-tenant": "a", "sec-websocket-protocol": "bearer.knock", "authorization": "Knock other"},
        client="10.0.0.9",
        session_cookie="a-cookie",
    )
    with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": classes}):
        identity = verify("bearer", "knock", handshake)
        assert refusal("bearer", "nobody") == "token_invalid"
    assert identity.face.name == "knock" and identity.expires_at == 5_000_000_000
    assert "session:host-session" in identity.principals
    seen = KnockAuthentication.seen[0]
    assert (seen.META["REMOTE_ADDR"], seen.headers["X-Tenant"], seen.COOKIES) == ("10.0.0.9", "a", {})
    assert "HTTP_SEC_WEBSOCKET_PROTOCOL" not in seen.META
    assert not seen.user.is_authenticated and seen.session.session_key is None


def test_a_password_is_no_credential_of_a_socket() -> None:
    user = make_user()
    user.set_password("secret")
    user.save()
    value = base64.b64encode(f"{user.username}:secret".encode()).decode()
    basic = ["rest_framework.authentication.BasicAuthentication"]
    with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": basic}):
        assert refusal("bearer", value) == "token_invalid"


def test_a_ticket_opens_one_socket_and_lives_no_longer_than_its_token() -> None:
    user = make_user()
    ticket = actions.issue_ticket(user, session="host-session", session_expires_at=5_000_000_000.0)
    identity = verify("ticket", ticket)
    assert (identity.person, identity.expires_at) == (str(user.pk), 5_000_000_000.0)
    assert "session:host-session" in identity.principals
    assert refusal("ticket", ticket) == "token_invalid"


def signed_in_session(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def test_djangos_session_opens_a_socket_until_the_password_changes() -> None:
    user = make_user()
    key = signed_in_session(user)
    identity = verify("session", key)
    assert (identity.person, identity.expires_at) == (str(user.pk), None)
    # Its id in events does not give the key away; a password changed elsewhere cuts it.
    assert key not in str(identity.principals)
    assert {f"session:{django_session_id(key)}", f"password:{password_digest(user)}"} <= set(identity.principals)
    user.set_password("another")
    user.save()
    assert refusal("session", key) == "unauthenticated"
    assert refusal("session", "made-up") == "unauthenticated"


def test_djangos_own_logout_ends_that_sessions_sockets() -> None:
    user = make_user()
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    assert key is not None
    client.logout()
    (event,) = log.read(user_topic(user.pk), 0, 10).events
    assert (event.type, event.revokes) == ("session.ended", (f"session:{django_session_id(key)}",))


def told(answer: Identity | Exception) -> object:
    return answer.slug if isinstance(answer, Unauthenticated) else answer


@pytest.mark.both_databases
def test_tokens_that_come_together_get_the_answers_that_each_gets_alone(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice, bruno, chloe, dora = (make_user(name) for name in ("alice", "bruno", "chloe", "dora"))
    phone, laptop = tokens.open_session(alice), tokens.open_session(alice)
    other, disabled = tokens.open_session(bruno), tokens.open_session(chloe)
    plain, ended, unknown = AccessToken.for_user(bruno), AccessToken.for_user(dora), AccessToken()
    unknown["user_id"] = "no key"
    theft = AccessToken(other.access)  # type: ignore[arg-type]
    theft["user_id"] = str(alice.pk)
    actions.sign_out(alice.pk, str(AccessToken(phone.access)["sid"]))  # type: ignore[arg-type]
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=2)):
        actions.sign_out_everywhere(dora)
    get_user_model().objects.filter(pk=chloe.pk).update(is_active=False)
    good = [laptop.access, other.access, str(plain)]
    bad = [phone.access, disabled.access, str(ended), str(unknown), str(theft), phone.refresh, "x", "", f"{plain}x"]
    every = [(Credential("bearer", value), HANDSHAKE) for value in (*good, *bad)]
    together = [told(answer) for answer in _verify_each([*every, (Credential("unheard", "of"), HANDSHAKE)])]
    alone = [told(_verify_alone(*each)) for each in every]
    assert together == [*alone, "token_invalid"]
    assert [isinstance(answer, Identity) for answer in together] == [True] * len(good) + [False] * (len(bad) + 1)
    with django_assert_num_queries(2):
        _verify_each(every[: len(good)])


def _verify_alone(credential: Credential, handshake: Handshake) -> Identity | Exception:
    try:
        return verify(credential.kind, credential.value, handshake)
    except Unauthenticated as refused:
        return refused


def test_tokens_that_come_together_are_the_hosts_classes_business_where_they_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(KnockAuthentication, "seen", [])
    user = make_user()
    token = Credential("bearer", tokens.open_session(user).access)
    classes = [f"{__name__}.KnockAuthentication", "carillon.people.tokens.JWTAuthentication"]
    with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": classes}):
        (found,) = _verify_each([(token, HANDSHAKE)])
    # It takes any name for a user's, this one too.
    assert isinstance(found, Identity) and found.face.name == token.value


@pytest.mark.parametrize("kind", ["bearer", "ticket", "session"])
def test_a_disabled_account_opens_nothing(kind: str) -> None:
    user = make_user()
    made = {
        "bearer": lambda: tokens.open_session(user).access,
        "ticket": lambda: actions.issue_ticket(user),
        "session": lambda: signed_in_session(user),
    }[kind]()
    user.is_active = False
    user.save()
    assert refusal(kind, made) in ("session_revoked", "unauthenticated")
