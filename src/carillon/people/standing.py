"""Standing: what a credential is checked against, read without an instance of the user model where that can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from carillon.people import queries, stamps
from carillon.people.prepared import PreparedMany
from carillon.realtime.identity import Person


class Standing(msgspec.Struct, frozen=True):
    """An account as it is now.

    `named` is what tokens name it by, `password` the digest of the stored one, `stamp` that of `stamps.stamp_of`.
    """

    person: str
    named: str
    face: Person
    is_active: bool
    password: str
    stamp: str
    signed_out_at: dt.datetime | None = None


def standing_of(user: Any, name: str = "pk") -> Standing:
    """That of a user who is loaded; `name` is the field by which tokens know them."""
    return Standing(
        person=str(user.pk),
        named=str(getattr(user, name)),
        face=queries.person_of(user),
        is_active=bool(getattr(user, "is_active", True)),
        password=stamps.password_digest(user),
        stamp=stamps.stamp_of(user),
        signed_out_at=queries.profile_of(user).signed_out_at,
    )


def standings(ids: Iterable[object], name: str, using: str) -> dict[str, Standing]:
    """Those of the users with these keys, by key as text, in one query of this database; unknown keys are missing."""
    if _is_in_columns() and name in ("pk", get_user_model()._meta.pk.name):
        found = [_from_row(row) for row in _rows.tuples(list(queries.keys_of(ids)), using)]
    else:
        found = [standing_of(user, name) for user in queries.users_of(ids, using)]
    return {each.person: each for each in found}


def _is_in_columns() -> bool:
    model = get_user_model()
    return queries.are_usual() and all(queries.has_field(model, name) for name in ("is_active", "password"))


_FACE = ("first_name", "last_name", *(f"carillon_profile__{name}" for name in ("display_name", "role", "avatar_url")))
_REST = ("is_active", "password", *(f"carillon_profile__{name}" for name in ("signed_out_at", "stamp", "stamp_of")))


def _columns(keys: Sequence[Any]) -> QuerySet[Any]:
    model = get_user_model()
    return model._base_manager.filter(pk__in=keys).values_list("pk", model.USERNAME_FIELD, *_FACE, *_REST)


_rows = PreparedMany(_columns, lambda: get_user_model()._meta.pk)


def _from_row(row: Sequence[Any]) -> Standing:
    face, (is_active, password, signed_out_at, stamp, stamp_of) = queries.face_from(row[:7]), row[7:]
    digest = stamps.digest_of(password)
    return Standing(
        person=face.id,
        named=face.id,
        face=face,
        is_active=is_active,
        password=digest,
        stamp=stamps.stamp_from(digest, signed_out_at, stamp, stamp_of),
        signed_out_at=signed_out_at,
    )
