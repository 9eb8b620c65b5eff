"""Audiences: addressable sets of people, ours and the host's own, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from carillon.errors import Invalid
from carillon.people.queries import active

# Users or their keys: a queryset of users, one of keys (`values_list("owner", flat=True)`), or any other iterable.
Members = QuerySet[Any] | Iterable[Any]
_F = TypeVar("_F", bound=Callable[..., Members])

_audiences: dict[str, Callable[..., Members]] = {}


def audience(name: str) -> Callable[[_F], _F]:
    """Name a function that returns users or their keys, so that `audience_of(name, …)` finds it; its parameters are the audience's.

    Raises ValueError for a name given twice.
    """

    def register(members: _F) -> _F:
        if name in _audiences:
            raise ValueError(f"audience {name!r} is registered twice")
        _audiences[name] = members
        return members

    return register


def audience_of(name: str, /, **params: Any) -> Members:
    """The people in the audience of that name; raises Invalid for a name nobody registered and parameters it does not take."""
    try:
        members = _audiences[name]
    except KeyError:
        raise _refused(f"No audience {name!r} is registered.") from None
    try:
        inspect.signature(members).bind(**params)
    except TypeError as error:
        raise _refused(f"The audience {name!r} cannot be asked for like this: {error}.") from None
    return members(**params)


def registered_audiences() -> dict[str, Callable[..., Members]]:
    """Every named audience."""
    return dict(_audiences)


@audience("everyone")
def everyone() -> QuerySet[Any]:
    """All users whose account is active."""
    return active(get_user_model()._default_manager.all())


@audience("with_role")
def with_role(name: str) -> QuerySet[Any]:
    """The active users whose Profile has exactly this role; raises Invalid for an empty one, which people without a role have."""
    if not name:
        raise _refused("A role needs a name.")
    return everyone().filter(carillon_profile__role=name)


def _refused(message: str) -> Invalid:
    return Invalid("invalid", message, details=[{"field": "audience", "message": message}])
