"""Every error of a view becomes a problem document, in any host; nothing of ours leaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import exceptions as django_errors
from django.db import OperationalError
from django.http import Http404
from django.test import override_settings
from rest_framework import exceptions as rest_errors
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from carillon.errors import Conflict, Invalid, TooMany, Unavailable
from carillon.rest.problems import MEDIA_TYPE
from carillon.rest.views import CarillonAPIView

Answer = tuple[Any, dict[str, Any]]


class Reader:
    """Someone who is signed in."""

    pk = 7
    is_authenticated = True


def answer_of(raised: Exception | None = None, *, signed_in: bool = True, **request: Any) -> Answer:
    class View(CarillonAPIView):
        def post(self, request: Request) -> Response:
            if raised is not None:
                raise raised
            return Response({"got": request.data})

    options = {"data": b"{}", "content_type": "application/json", **request}
    made = APIRequestFactory().generic(options.pop("method", "POST"), "/thing/", **options)
    if signed_in:
        force_authenticate(made, user=Reader())
    response = View.as_view()(made)
    response.render()
    return response, json.loads(response.content) if response.content else {}


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Invalid("unknown_field", "x"), 400, "unknown_field"),
        (Conflict("idempotency_mismatch", "x"), 422, "idempotency_mismatch"),
        (Unavailable("busy", "x"), 503, "busy"),
        (Http404(), 404, "not_found"),
        (django_errors.PermissionDenied(), 403, "forbidden"),
        (django_errors.ValidationError("wrong"), 400, "invalid"),
        (django_errors.RequestDataTooBig(), 413, "too_large"),
        (OperationalError("gone"), 503, "unavailable"),
        (rest_errors.ParseError("bad"), 400, "malformed"),
        (rest_errors.NotAuthenticated(), 401, "unauthenticated"),
        (rest_errors.AuthenticationFailed("Token is expired"), 401, "token_expired"),
        (rest_errors.AuthenticationFailed("Token is invalid or expired"), 401, "token_invalid"),
        (rest_errors.AuthenticationFailed("out", "session_revoked"), 401, "session_revoked"),
        (rest_errors.PermissionDenied(), 403, "forbidden"),
        (rest_errors.NotFound(), 404, "not_found"),
        (rest_errors.UnsupportedMediaType("x"), 415, "unsupported_media"),
        (rest_errors.Throttled(2.5), 429, "rate_limited"),
    ],
)
def test_each_error_has_its_status_and_slug(raised: Exception, status: int, code: str) -> None:
    response, body = answer_of(raised)
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert response["Content-Type"] == MEDIA_TYPE
    assert {"type", "title", "detail", "request_id"} <= body.keys()


def test_refused_fields_are_listed_flat() -> None:
    _, body = answer_of(
        rest_errors.ValidationError({"who": {"name": ["too long"]}, "tags": [{}, {"id": ["unknown"]}], "x": "no"})
    )
    assert body["errors"] == [
        {"field": "who.name", "message": "too long"},
        {"field": "tags.1.id", "message": "unknown"},
        {"field": "x", "message": "no"},
    ]
    _, body = answer_of(django_errors.ValidationError({"title": ["too long"]}))
    assert body["errors"] == [{"field": "title", "message": "too long"}]


def test_a_fault_of_ours_gives_nothing_away(caplog: pytest.LogCaptureFixture) -> None:
    response, body = answer_of(RuntimeError("secret of the database"), headers={"X-Request-ID": "trace-12345678"})
    assert response.status_code == 500
    assert body["code"] == "internal"
    assert "secret" not in response.content.decode()
    assert "trace-12345678" in caplog.text and "secret of the database" in caplog.text


def test_limits_say_when_to_come_again() -> None:
    response, body = answer_of(TooMany("rate_limited", "x", retry_after=2.2))
    assert response["Retry-After"] == "3"
    assert body["retry_after"] == 2.2


@pytest.mark.parametrize("hostile", ["", "short", "a b c d e f g h", "x" * 65, "é" * 10, "<script>alert"])
def test_the_request_id_is_echoed_when_it_is_sane(hostile: str) -> None:
    response, _ = answer_of(headers={"X-Request-ID": "trace-12345678"})
    assert response["X-Request-ID"] == "trace-12345678"
    response, body = answer_of(Invalid(), headers={"X-Request-ID": hostile})
    assert response["X-Request-ID"] == body["request_id"] != hostile


def test_nobody_gets_a_401_whatever_the_host_configured() -> None:
    for classes in ([], ["rest_framework.authentication.SessionAuthentication"]):
        with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": classes}):
            response, body = answer_of(signed_in=False)
        assert (response.status_code, body["code"]) == (401, "unauthenticated")
        assert response["WWW-Authenticate"]


def test_views_do_not_depend_on_the_hosts_settings() -> None:
    host = {
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
        "EXCEPTION_HANDLER": "rest_framework.views.exception_handler",
    }
    with override_settings(REST_FRAMEWORK=host):
        response, body = answer_of(data=b'{"a": 1}', headers={"Accept": "text/html"})
    assert (response.status_code, body) == (200, {"got": {"a": 1}})
    assert response["Cache-Control"] == "no-store"


def test_other_methods_and_media_are_refused_in_words() -> None:
    response, body = answer_of(method="PUT")
    assert (response.status_code, body["code"], response["Allow"]) == (405, "method_not_allowed", "POST, OPTIONS")
    response, body = answer_of(data=b"a=1", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, body["code"]) == (415, "unsupported_media")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"a": 1, "a": 2}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe{\x00}\x00",
        b'{"a": 9223372036854775808}',
    ],
)
def test_json_that_some_database_would_choke_on_is_malformed(body: bytes) -> None:
    response, told = answer_of(data=body)
    assert (response.status_code, told["code"]) == (400, "malformed")


def test_a_large_body_is_refused() -> None:
    response, told = answer_of(data=b'"' + b"x" * 1_100_000 + b'"')
    assert (response.status_code, told["code"]) == (413, "too_large")


def test_our_views_stay_out_of_the_hosts_transactions() -> None:
    view: Callable[..., Any] = CarillonAPIView.as_view()
    assert view._non_atomic_requests == {"default"}  # type: ignore[attr-defined]
