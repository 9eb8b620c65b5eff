"""`Idempotency-Key`: a repeated write gets its first answer (GUARANTEES G6), the same one that a socket would get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import Invalid
from carillon.realtime.event import encode_json
from carillon.realtime.idempotency import Once, do_once

HEADER = "Idempotency-Key"
MAX_KEY = 128


def repeatable(
    request: Request,
    operation: str,
    params: Any,
    work: Callable[[], Callable[[], Any]],
    *,
    status: int = 200,
    principal: str = "",
) -> Response:
    """Do the work once per principal (else the person), operation and `Idempotency-Key`; without the header, simply do it.

    `work` writes, and returns a function that makes the body once the positions of its events are known. `params` is
    what makes two requests the same: a repeat with others is refused as `idempotency_mismatch` (422), one
    that overtakes the first as `in_progress` (409). Errors are not kept. With the operation name and params of the
    socket command, a key counts over both doors.
    """

    def encoded() -> Callable[[], bytes]:
        make_body = work()
        return lambda: encode_json(make_body())

    return repeatable_by(
        request,
        operation,
        params,
        lambda once: do_once(once, encoded),
        lambda: work()(),  # noqa: PLW0108 - it has not begun to work
        status=status,
        principal=principal,
    )


def repeatable_by(
    request: Request,
    operation: str,
    params: Any,
    with_key: Callable[[Once], tuple[bytes, bool]],
    without: Callable[[], Any],
    *,
    status: int = 200,
    principal: str = "",
) -> Response:
    """The same for work that sees to the key itself: it returns the answer, and whether it is an old one."""
    key = _key(request)
    if key is None:
        return Response(without(), status=status)
    body, is_repeated = with_key(Once.of(principal or str(request.user.pk), operation, key, params))
    response = Response(msgspec.Raw(body), status=status)
    if is_repeated:
        response["Idempotency-Replayed"] = "true"
    return response


def _key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        message = f"1 to {MAX_KEY} printable ASCII characters expected"
        raise Invalid("invalid", f"{HEADER}: {message}.", details=[{"field": HEADER, "message": message}])
    return key
