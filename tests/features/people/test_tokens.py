"""Refresh tokens: rotated, forgiving to tabs that wake together, deadly to thieves; access tokens die with their session."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework_simplejwt.tokens import AccessToken

from carillon.errors import Unauthenticated
from carillon.people import actions, tokens
from carillon.people.models import SignIn
from carillon.people.queries import person_of
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def claims(token: str) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read


def user_of(access: str) -> Any:
    request = Request(APIRequestFactory().get("/", headers={"Authorization": f"Bearer {access}"}))
    found = tokens.JWTAuthentication().authenticate(request)
    assert found is not None
    return found[0]


def refused(refresh: str) -> str:
    with pytest.raises(Unauthenticated) as error:
        tokens.rotate(refresh)
    return error.value.slug


def test_a_session_is_named_in_both_tokens_and_no_token_is_stored() -> None:
    pair = tokens.open_session(make_user(), "Mozilla/5.0")
    session = SignIn.objects.get()
    assert claims(pair.access)["sid"] == claims(pair.refresh)["sid"] == session.sid
    assert session.user_agent == "Mozilla/5.0"
    stored = str(list(SignIn.objects.values()))
    assert pair.refresh not in stored and pair.access not in stored


def test_a_refresh_token_is_changed_for_another_each_time() -> None:
    user = make_user()
    first = tokens.open_session(user)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=9)) as clock:
        second = tokens.rotate(first.refresh)
        clock.shift(dt.timedelta(minutes=9))
        third = tokens.rotate(second.refresh)
        assert user_of(third.access) == user
    assert len({claims(pair.refresh)["jti"] for pair in (first, second, third)}) == 3
    assert SignIn.objects.count() == 1


def test_tabs_that_wake_together_get_the_same_successor() -> None:
    first = tokens.open_session(make_user())
    pairs = [tokens.rotate(first.refresh) for _ in range(3)]
    assert len({claims(pair.refresh)["jti"] for pair in pairs}) == 1
    # A tab that opened meanwhile has rotated again; a slow one still comes with the oldest cookie.
    newest = tokens.rotate(pairs[0].refresh)
    assert claims(tokens.rotate(first.refresh).refresh)["jti"] == claims(newest.refresh)["jti"]


def test_a_refresh_token_used_after_its_grace_ends_the_whole_session() -> None:
    first = tokens.open_session(make_user())
    second = tokens.rotate(first.refresh)
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=11)):
        assert refused(first.refresh) == "session_revoked"
        assert refused(second.refresh) == "session_revoked"
        with pytest.raises(AuthenticationFailed) as out:
            user_of(second.access)
    assert out.value.get_codes() == "session_revoked"


def test_expired_foreign_and_forged_refresh_tokens_are_refused() -> None:
    pair = tokens.open_session(make_user())
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        assert refused(pair.refresh) == "token_expired"
    body = claims(pair.refresh)
    forged = [
        "",
        "x",
        pair.access,
        pair.refresh[:-2] + "xx",
        jwt.encode(body, "another key of thirty-two bytes and more", "HS256"),
        jwt.encode(body, settings.SECRET_KEY, "HS384"),
        jwt.encode(body, "", "none"),
    ]
    assert {refused(token) for token in forged} == {"token_invalid"}
    stranger = jwt.encode({**body, "user_id": str(make_user().pk)}, settings.SECRET_KEY, "HS256")
    assert refused(stranger) == "session_revoked"
    tokens.rotate(pair.refresh)


def test_the_user_and_the_session_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pair = tokens.open_session(make_user())
    with django_assert_num_queries(1):
        person_of(user_of(pair.access))


def test_an_access_token_dies_with_its_session_and_its_account() -> None:
    user = make_user()
    pair, other = tokens.open_session(user), tokens.open_session(user)
    actions.sign_out(user.pk, claims(pair.access)["sid"])
    for access in (pair.access, pair.refresh):
        with pytest.raises(AuthenticationFailed):
            user_of(access)
    assert user_of(other.access) == user
    actions.deactivate(user)
    with pytest.raises(AuthenticationFailed):
        user_of(other.access)
    assert refused(other.refresh) == "session_revoked"


def test_a_token_without_a_session_ends_when_the_person_signs_out_everywhere() -> None:
    user = make_user()
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=1)):
        plain = AccessToken()
        plain["user_id"] = str(user.pk)
    assert user_of(str(plain)) == user
    actions.sign_out_everywhere(user)
    with pytest.raises(AuthenticationFailed):
        user_of(str(plain))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_expired_is_told_from_invalid_in_every_language(language: str) -> None:
    pair = tokens.open_session(make_user())
    late = time_machine.travel(timezone.now() + dt.timedelta(minutes=11))
    with translation.override(language), late, pytest.raises(AuthenticationFailed) as expired:
        user_of(pair.access)
    with translation.override(language), pytest.raises(AuthenticationFailed) as invalid:
        user_of(pair.access + "x")
    assert (expired.value.get_codes(), invalid.value.get_codes()) == ("token_expired", "token_invalid")


def test_a_token_for_another_kind_of_user_is_nobody() -> None:
    odd = AccessToken()
    odd["user_id"] = json.dumps({"not": "a key"})
    with pytest.raises(AuthenticationFailed):
        user_of(str(odd))
