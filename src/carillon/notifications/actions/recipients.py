"""Recipients: whoever notify() is told to notify, as the keys of users; read once, at the call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Manager, Model, QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable

from carillon.errors import Invalid

_CHUNK = 2000


def keys_of_recipients(recipients: Any) -> list[Any]:
    """The distinct keys, in the order given, of one user or key, of several, or of a queryset of either; raises Invalid.

    A queryset of users is read as keys alone, in one statement: no user is loaded.
    """
    to_python = get_user_model()._meta.pk.to_python
    try:
        # A dict keeps the order and drops repeats.
        keys = list(dict.fromkeys(to_python(_key(item)) for item in _several(recipients)))
    except Invalid:
        raise
    except Exception as error:
        raise Invalid("invalid", f"A recipient is neither a user nor the key of one: {error}") from error
    if None in keys:
        raise Invalid("invalid", "A recipient has no key; is it saved?")
    return keys


def key_text(user: Any) -> str:
    """The key of a user, or a key, as text; empty for None."""
    return "" if user is None else str(_key(user))


def _several(recipients: Any) -> Iterable[Any]:
    if isinstance(recipients, Manager):
        recipients = recipients.all()
    if isinstance(recipients, QuerySet):
        return _read(recipients)
    # `request.user` is a lazy object, which looks iterable whatever is behind it.
    if isinstance(recipients, Model | str | bytes) or not isinstance(recipients, Iterable):
        return [recipients]
    return recipients


def _read(rows: QuerySet[Any]) -> Iterable[Any]:
    """The keys in a queryset of users, or in one that already names keys alone."""
    if issubclass(rows._iterable_class, ModelIterable):
        _check_model(rows.model)
        # Prefetching is for objects; a union refuses even to be told not to.
        rows = rows if rows.query.combinator else rows.prefetch_related(None)
        rows = rows.values_list("pk", flat=True)
    elif not issubclass(rows._iterable_class, FlatValuesListIterable):
        raise Invalid(
            "invalid", "A queryset of recipients holds users, or their keys alone: values_list(…, flat=True)."
        )
    return rows.iterator(chunk_size=_CHUNK)


def _key(item: Any) -> Any:
    if not isinstance(item, Model):
        return item
    # Not type(): `request.user` is a lazy object of another type.
    _check_model(item.__class__)
    return item.pk


def _check_model(model: type[Model]) -> None:
    # The key of a profile or a member would notify whoever happens to have the same number.
    users = get_user_model()
    if not issubclass(model, users) and not issubclass(users, model):
        raise Invalid("invalid", f"A recipient is a {model.__name__}, and not a user.")
