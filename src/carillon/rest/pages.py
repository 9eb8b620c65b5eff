"""Keyset pages: newest first by an integer column, with an opaque cursor that inserts and deletes do not disturb."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import msgspec

from carillon.errors import invalid_value

DEFAULT_LIMIT = 30
MAX_LIMIT = 100


class PageRequest(msgspec.Struct, frozen=True):
    """Which page is asked for: at most `limit` rows with a number below `before` (None: the newest)."""

    before: int | None = None
    limit: int = DEFAULT_LIMIT


def page_request(query: Mapping[str, str], default: int = DEFAULT_LIMIT) -> PageRequest:
    """Read `cursor` and `limit` (else `default`) of a query string; raises Invalid naming the one that is wrong."""
    cursor, limit = query.get("cursor"), query.get("limit")
    return PageRequest(
        before=_before(cursor) if cursor else None,
        limit=_limit(limit) if limit else default,
    )


def cursor_after(number: int) -> str:
    """The cursor of the page that goes on below this number."""
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def _before(cursor: str) -> int:
    try:
        digits = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise invalid_value("cursor", "not a cursor of ours") from None
    if not (digits.isdigit() and len(digits) < 19) or cursor_after(int(digits)) != cursor:
        raise invalid_value("cursor", "not a cursor of ours")
    return int(digits)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIMIT):
        raise invalid_value("limit", f"a number from 1 to {MAX_LIMIT} expected")
    return int(text)
