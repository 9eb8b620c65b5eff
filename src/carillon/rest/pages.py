"""Keyset pages: newest first by an integer column, with an opaque cursor that inserts and deletes do not disturb."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec
from django.db.models import Model, QuerySet

from carillon.errors import Invalid

DEFAULT_LIMIT = 30
MAX_LIMIT = 100

_M = TypeVar("_M", bound=Model)


class PageRequest(msgspec.Struct, frozen=True):
    """Which page is asked for: at most `limit` rows with a number below `before` (None: the newest)."""

    before: int | None = None
    limit: int = DEFAULT_LIMIT


class Page(msgspec.Struct, Generic[_M], frozen=True):
    """Rows of a page, and the cursor of the next one (None: there is none)."""

    rows: list[_M]
    next: str | None


def page_request(query: Mapping[str, str], default: int = DEFAULT_LIMIT) -> PageRequest:
    """Read `cursor` and `limit` (else `default`) of a query string; raises Invalid naming the one that is wrong."""
    cursor, limit = query.get("cursor"), query.get("limit")
    return PageRequest(
        before=_before(cursor) if cursor else None,
        limit=_limit(limit) if limit else default,
    )


def read_page(rows: QuerySet[_M], column: str, request: PageRequest) -> Page[_M]:
    """The page of these rows in descending order of an integer column that is unique among them; one query."""
    if request.before is not None:
        rows = rows.filter(**{f"{column}__lt": request.before})
    found = list(rows.order_by(f"-{column}")[: request.limit + 1])
    if len(found) <= request.limit:
        return Page(found, None)
    kept = found[: request.limit]
    return Page(kept, cursor_after(getattr(kept[-1], column)))


def cursor_after(number: int) -> str:
    """The cursor of the page that goes on below this number."""
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def _before(cursor: str) -> int:
    try:
        digits = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise _refused("cursor", "not a cursor of ours") from None
    if not (digits.isdigit() and len(digits) < 19) or cursor_after(int(digits)) != cursor:
        raise _refused("cursor", "not a cursor of ours")
    return int(digits)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIMIT):
        raise _refused("limit", f"a number from 1 to {MAX_LIMIT} expected")
    return int(text)


def _refused(field: str, message: str) -> Invalid:
    return Invalid("invalid", f"{field.capitalize()}: {message}.", details=[{"field": field, "message": message}])
