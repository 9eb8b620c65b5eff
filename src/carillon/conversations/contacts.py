"""Contacts: whom somebody may find and write to, by rules that the host may replace, and whom they block."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.conversations.models import Block
from carillon.errors import Invalid, NotFound, invalid_value
from carillon.people.queries import active, keys_of, users
from carillon.rest.pages import DEFAULT_LIMIT, page_request

_BEGINNING, _MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


def contacts_of(user: Any) -> QuerySet[Any]:
    """The users whom this one may find and begin to write to, unordered.

    `CARILLON["MAY_CONTACT"]` names a function from a user's key and a queryset of users to those among them; without it,
    everybody whose account is active. Nobody finds oneself, nor who blocks them.
    """
    people = active(get_user_model()._default_manager.exclude(pk=user))
    people = people.exclude(pk__in=Block.objects.filter(person=user).values("by"))
    if settings.MAY_CONTACT:
        people = import_string(settings.MAY_CONTACT)(user, people)
    return people.order_by()


def chosen(user: Any, people: Iterable[Any], *, check: bool = True) -> list[Any]:
    """The keys of these people, each once; `check=False` is for host code, which is above the rule.

    Raises NotFound where one does not exist or may not be written to, and says to nobody which of both.
    """
    given = list(dict.fromkeys(str(getattr(person, "pk", person)) for person in people))
    keys = list(keys_of(given))
    rows = (contacts_of(user) if check else active(users(keys))).filter(pk__in=keys) if keys else ()
    known = {row.pk for row in rows} | ({user} if user in keys else set())
    if len(keys) < len(given) or len(known) < len(keys):
        raise NotFound("not_found", "Somebody of these is not there, or cannot be written to.")
    return keys


def matching(people: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of these users whom a text means: whose name or user name holds every word of it.

    A user name that is an e-mail address is nobody's business: who knows the whole of it finds its owner.
    `CARILLON["FIND_PEOPLE"]` names a function from a queryset of users and a text to those among them, for names that are
    elsewhere.
    """
    if text and settings.FIND_PEOPLE:
        found = import_string(settings.FIND_PEOPLE)(people, text)
        # Whatever it joins, everybody comes once; and nobody comes who was not among them.
        return people.filter(pk__in=found.order_by().values("pk"))
    names = [field for field in ("first_name", "last_name") if _has(people.model, field)]
    columns, username = ["carillon_profile__display_name", *names], people.model.USERNAME_FIELD
    for word in text.split():
        shown = Q(*[(f"{column}__icontains", word) for column in columns], _connector=Q.OR)
        known = Q((f"{username}__icontains", word)) & ~Q((f"{username}__contains", "@"))
        people = people.filter(shown | known | Q((f"{username}__iexact", word)))
    return people


class PeopleRequest(msgspec.Struct, frozen=True):
    """Which page of people: at most `limit` after the one with this key."""

    after: Any = None
    limit: int = DEFAULT_LIMIT

    @classmethod
    def of(cls, query: Mapping[str, str]) -> PeopleRequest:
        """Read `cursor` and `limit` of a query string; raises Invalid naming the one that is wrong."""
        cursor = query.get("cursor")
        limit = page_request({"limit": query.get("limit", "")}).limit
        return cls(_after(cursor) if cursor else None, limit)


def read_people(people: QuerySet[Any], request: PeopleRequest) -> tuple[list[Any], str | None]:
    """A page of users in the order of their user names, with their profiles, and the cursor of the next."""
    column = people.model.USERNAME_FIELD
    if request.after is not None:
        people = people.filter(**{f"{column}__gt": _username_of(request.after)})
    found = list(people.select_related("carillon_profile").order_by(column)[: request.limit + 1])
    if len(found) <= request.limit:
        return found, None
    kept = found[: request.limit]
    # The key, not the user name: that may be an e-mail address.
    return kept, base64.urlsafe_b64encode(str(kept[-1].pk).encode()).decode().rstrip("=")


def read_blocked(user: Any, query: Mapping[str, str]) -> tuple[list[Any], str | None]:
    """The keys of a page of those whom somebody blocks, latest first, and the cursor of the next.

    `cursor` and `limit` are those of a query string; raises Invalid naming the one that is wrong.
    """
    limit, cursor = page_request({"limit": query.get("limit", "")}).limit, query.get("cursor")
    rows = Block.objects.filter(by=user).order_by("-created_at", "-pk")
    if cursor:
        at, key = _place_of(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key))
    found = list(rows[: limit + 1])
    kept = found[:limit]
    return [block.person_id for block in kept], _cursor_of(kept[-1]) if len(found) > limit else None


def _cursor_of(block: Block) -> str:
    return f"{(block.created_at - _BEGINNING) // _MICROSECOND:x}-{block.pk.hex}"


def _place_of(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    match = re.fullmatch(r"([0-9a-f]{1,14})-([0-9a-f]{32})", cursor)
    if match is None:
        raise _no_cursor()
    return _BEGINNING + int(match[1], 16) * _MICROSECOND, uuid.UUID(match[2])


def _after(cursor: str) -> Any:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise _no_cursor() from None
    key = next(keys_of([text]), None)
    if key is None:
        raise _no_cursor()
    return key


def _username_of(key: Any) -> str:
    username: str | None = users([key]).values_list(get_user_model().USERNAME_FIELD, flat=True).first()
    if username is None:
        raise _no_cursor()
    return username


def _no_cursor() -> Invalid:
    return invalid_value("cursor", "not a cursor of ours")


def _has(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)
