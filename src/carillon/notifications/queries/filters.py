"""Which notifications of a person are wanted, as a query string says it and as a database is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from carillon.errors import invalid_value

VIEWS = ("inbox", "archive", "snoozed")
MAX_TEXT = 200
_EXACT = ("type", "kind", "severity")
_OF_VIEW = {
    "inbox": "archived_at IS NULL AND snoozed_until IS NULL",
    "archive": "archived_at IS NOT NULL",
    "snoozed": "snoozed_until IS NOT NULL",
}


class Filters(msgspec.Struct, frozen=True):
    """Which notifications of a person are wanted; empty means any. `category` is the type or the kind (REQUIREMENTS C2)."""

    view: str = "inbox"
    unread: bool = False
    category: str = ""
    type: str = ""
    kind: str = ""
    severity: str = ""
    q: str = ""

    def conditions(self, connection: Any) -> tuple[list[str], list[Any]]:
        """The same as conditions in SQL, all of which must hold, and their parameters."""
        exact = {name: value for name in _EXACT if (value := getattr(self, name))}
        found = [_OF_VIEW[self.view], *(f"{name} = %s" for name in exact)]
        values: list[Any] = list(exact.values())
        if self.category:
            found.append("(type = %s OR kind = %s)")
            values += [self.category] * 2
        if self.unread:
            # As the partial index has it, which SQLite looks for.
            found.append("NOT is_read")
        if self.q:
            column, like = connection.ops.lookup_cast("icontains"), connection.operators["icontains"]
            found.append(f"({' OR '.join(f'{column % name} {like}' for name in ('title', 'message'))})")
            values += [f"%{connection.ops.prep_for_like_query(self.q)}%"] * 2
        return found, values


def filters_of(query: Mapping[str, str]) -> Filters:
    """Read the filters of a query string; raises Invalid naming the one that is wrong."""
    view = query.get("view", "inbox")
    if view not in VIEWS:
        raise invalid_value("view", f"one of {', '.join(VIEWS)} expected")
    texts = {name: _text(query, name) for name in (*_EXACT, "q")}
    return Filters(view=view, unread=_flag(query, "unread"), **texts)


def flat_filters_of(query: Mapping[str, str]) -> Filters:
    """Read the filters that the sources ask for, `unread_only` and `type` (REQUIREMENTS 001-21); raises Invalid."""
    return Filters(unread=_flag(query, "unread_only"), category=_text(query, "type"))


def _flag(query: Mapping[str, str], name: str) -> bool:
    # Python clients write True.
    given = query.get(name, "").lower()
    if given not in ("", "true", "false", "1", "0"):
        raise invalid_value(name, "true or false expected")
    return given in ("true", "1")


def _text(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "")
    if len(text) > MAX_TEXT or "\0" in text:
        raise invalid_value(name, f"at most {MAX_TEXT} characters expected")
    return text
