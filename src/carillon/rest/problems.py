"""Turns every error of a view into a problem document (RFC 9457) with the slugs of GUARANTEES 7.2."""

from __future__ import annotations

import logging
import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from rest_framework import exceptions as rest_errors
from rest_framework.response import Response

from carillon.errors import (
    CarillonError,
    Detail,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger("carillon.rest")

MEDIA_TYPE = "application/problem+json"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class MethodNotAllowed(CarillonError):
    """The resource exists and does not answer to this method."""

    default_slug = "method_not_allowed"
    default_status = 405


def request_id(request: HttpRequest) -> str:
    """The id of this request: the caller's `X-Request-ID` when it is sane, else one of ours; the same each time."""
    known = getattr(request, "_carillon_request_id", None)
    if known is None:
        given = request.headers.get("X-Request-ID", "")
        known = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request._carillon_request_id = known  # type: ignore[attr-defined]
    return str(known)


def problem(error: CarillonError, request_id: str) -> dict[str, Any]:
    """The problem document of an error."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "code": error.slug,
        "request_id": request_id,
    }
    if error.details:
        document["errors"] = error.details
    if error.retry_after is not None:
        document["retry_after"] = error.retry_after
    return document


def headers(error: CarillonError) -> dict[str, str]:
    """The HTTP headers that belong to an error."""
    if error.retry_after is None:
        return {}
    return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}


def handle_exception(raised: Exception, context: Mapping[str, Any]) -> Response:
    """DRF exception handler: a problem document for everything; what we do not know is logged and told `internal`."""
    request = context["request"]
    django_request: HttpRequest = getattr(request, "_request", request)
    error = as_carillon_error(raised)
    if error is None:
        error = CarillonError("internal", "Something went wrong on our side; it was recorded.")
        log.exception("%s %s failed (request %s)", request.method, request.path, request_id(django_request))
        got_request_exception.send(sender=None, request=django_request)
    response = Response(
        problem(error, request_id(django_request)),
        status=error.status,
        headers=headers(error),
        content_type=MEDIA_TYPE,
    )
    if error.status == HTTPStatus.UNAUTHORIZED:
        # DRF would answer 403 when the first authentication class names no scheme; RFC 9110 wants a 401 to name one.
        response["WWW-Authenticate"] = getattr(raised, "auth_header", None) or "Bearer"
    if isinstance(raised, rest_errors.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def as_carillon_error(raised: Exception) -> CarillonError | None:
    """The error of our family that says the same, or None when it is a fault of ours."""
    if isinstance(raised, CarillonError):
        return raised
    if isinstance(raised, rest_errors.APIException):
        return _of_rest(raised)
    return _of_django(raised)


def _of_django(raised: Exception) -> CarillonError | None:
    match raised:
        case Http404():
            return NotFound()
        case django_errors.PermissionDenied():
            return NotAllowed()
        case django_errors.RequestDataTooBig():
            return Invalid("too_large", "The body is too large.")
        case django_errors.ValidationError():
            return Invalid("invalid", "Some fields are not acceptable.", details=_django_details(raised))
        case OperationalError() | InterfaceError():
            log.error("the database did not answer: %s", raised)
            return Unavailable("unavailable", "The database does not answer; try again.", retry_after=2)
    return None


def _of_rest(raised: rest_errors.APIException) -> CarillonError | None:
    for kind, translate in _TRANSLATIONS:
        if isinstance(raised, kind):
            return translate(raised)
    return _of_other_rest(raised)


def _of_other_rest(raised: rest_errors.APIException) -> CarillonError | None:
    """An exception of the host's own: its status tells the class, its text the message."""
    for family in (Unauthenticated, NotAllowed, NotFound, TooMany, Unavailable):
        if raised.status_code == family.default_status:
            return family(None, str(raised.detail))
    if HTTPStatus.BAD_REQUEST <= raised.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Invalid("invalid", str(raised.detail))
    return None


def authentication_error(raised: rest_errors.APIException) -> Unauthenticated:
    """What a refused credential is called: `token_expired` when it says so, else `token_invalid`."""
    text = f"{raised.detail} {raised.get_codes()}".lower()
    # "Token is invalid or expired" is what simplejwt says of anything.
    if any(words in text for words in ("is expired", "has expired", "token_expired")):
        return Unauthenticated("token_expired", "The token has expired.")
    if "session_revoked" in text:
        return Unauthenticated("session_revoked", "You were signed out.")
    return Unauthenticated("token_invalid", "The credential is not valid.")


def _of_throttled(raised: Any) -> CarillonError:
    return TooMany("rate_limited", "Too many requests; try again later.", retry_after=raised.wait or 1)


def _of_validation(raised: Any) -> CarillonError:
    return Invalid("invalid", "Some fields are not acceptable.", details=list(_details(raised.detail)))


_TRANSLATIONS: tuple[tuple[type[rest_errors.APIException], Callable[[Any], CarillonError]], ...] = (
    (rest_errors.ValidationError, _of_validation),
    (rest_errors.ParseError, lambda raised: Invalid("malformed", str(raised.detail))),
    (rest_errors.NotAuthenticated, lambda raised: Unauthenticated("unauthenticated", "Sign in first.")),
    (rest_errors.AuthenticationFailed, authentication_error),
    (rest_errors.PermissionDenied, lambda raised: NotAllowed("forbidden", str(raised.detail))),
    (rest_errors.NotFound, lambda raised: NotFound("not_found", str(raised.detail))),
    (rest_errors.MethodNotAllowed, lambda raised: MethodNotAllowed("method_not_allowed", str(raised.detail))),
    (rest_errors.UnsupportedMediaType, lambda raised: Invalid("unsupported_media", str(raised.detail))),
    (rest_errors.Throttled, _of_throttled),
)


def _details(detail: Any, path: str = "") -> Iterator[Detail]:
    """DRF's nested refusals as a flat list; the field of the body as a whole is empty."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _details(value, f"{path}.{name}".strip("."))
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            is_nested = isinstance(value, Mapping | list | tuple)
            yield from _details(value, f"{path}.{index}".strip(".") if is_nested else path)
    else:
        yield {"field": path, "message": str(detail)}


def _django_details(raised: django_errors.ValidationError) -> list[Detail]:
    if hasattr(raised, "error_dict"):
        return [
            {"field": "" if field == django_errors.NON_FIELD_ERRORS else field, "message": text}
            for field, texts in raised.message_dict.items()
            for text in texts
        ]
    return [{"field": "", "message": text} for text in raised.messages]
