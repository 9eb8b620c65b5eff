"""Stamps: short texts that change when what somebody signed in with no longer counts; open sockets are checked by them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from carillon.people.prepared import PreparedMany
from carillon.people.queries import active, has_field, keys_of, profile_of

_CHUNK = 5000


def stamp_of(user: Any) -> str:
    """A short text that changes when the password changes behind our back, or the person signs out everywhere."""
    profile = profile_of(user)
    return stamp_from(password_digest(user), profile.signed_out_at, profile.stamp, profile.stamp_of)


def stamps_of(people: Iterable[str]) -> Mapping[str, str]:
    """The stamps of those of these people who may be connected, one query for some thousands; others are missing."""
    using = get_user_model()._base_manager.db
    found: dict[str, str] = {}
    for chunk in _chunks(list(keys_of(people))):
        for key, signed_out, stamp, of, *password in _stamp_rows.tuples(chunk, using):
            found[str(key)] = stamp_from(digest_of(password[0] if password else ""), signed_out, stamp, of)
    return found


def _parts_of_stamps(keys: Sequence[Any]) -> QuerySet[Any]:
    model = get_user_model()
    columns = ["pk", *[f"carillon_profile__{name}" for name in ("signed_out_at", "stamp", "stamp_of")]]
    rows = active(model._base_manager.filter(pk__in=keys))
    return rows.values_list(*columns, *(["password"] if has_field(model, "password") else []))


_stamp_rows = PreparedMany(_parts_of_stamps, lambda: get_user_model()._meta.pk)


def password_digest(user: Any) -> str:
    """A short digest of the stored password; tells two apart and gives neither away."""
    return digest_of(getattr(user, "password", ""))


def digest_of(text: str) -> str:
    """A short digest of a text."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def stamp_from(password: str, signed_out: Any, kept: str | None, kept_for: str | None) -> str:
    """The stamp that a digest of the password and columns of the profile make."""
    base = kept if kept and kept_for == password else password
    return digest_of(f"{base} {signed_out.timestamp() if signed_out else ''}")


def _chunks(keys: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
