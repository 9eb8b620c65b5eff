"""Writes about external ids: a service makes, changes and maps people by the ids it knows them by, and takes over nobody."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError
from django.db.models import EmailField, Field
from django.utils import timezone

from carillon.errors import Conflict, Detail, Invalid, NotAllowed, NotFound
from carillon.people import queries
from carillon.people.actions.accounts import check_profile, details_of, update_profile
from carillon.people.models import ExternalId, validate_external_id
from carillon.realtime.outbox import action, outbox

_ATTEMPTS = 3
_UNFIT = re.compile(r"[^A-Za-z0-9_.+-]+")


class _Overtaken(Exception):
    """Another call has just mapped the same id."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a service says of a person; None leaves it as it is. `user` is the user name of an existing person to map to."""

    user: str | None = None
    username: str | None = None
    email: str | None = None
    profile: Mapping[str, str] = {}


@action
def put_person(namespace: str, external_id: str, wishes: Wishes) -> tuple[Any, bool]:
    """The user mapped to this id, made or changed as wished, and whether the id is newly mapped.

    Of two calls at once, one makes the person and the other finds it. Raises Invalid naming the field, NotAllowed for
    staff and superusers and for the sign-in of who was not made here, Conflict for a user name that somebody has and for
    an id that means somebody else.
    """
    check_external_id(external_id)
    check_profile(wishes.profile)
    for _ in range(_ATTEMPTS):
        try:
            with outbox():
                return _put(namespace, external_id, wishes)
        except (IntegrityError, _Overtaken):
            # Somebody was quicker with the id or with the name; the next look finds it.
            continue
    raise Conflict("conflict", "This person cannot be made here: the users of this site need more than a name.")


@action
def unmap_person(namespace: str, external_id: str) -> None:
    """Forget whom this id means; the user stays. Raises NotFound."""
    if not mapping_of(namespace, external_id).delete()[0]:
        raise NotFound("not_found", "Nobody is mapped to this id.")


def mapping_of(namespace: str, external_id: str) -> Any:
    """The mapping of an id, if there is one."""
    return ExternalId.objects.filter(namespace=namespace, external_id=external_id)


def check_external_id(external_id: str) -> None:
    """Raise Invalid for what cannot be an external id."""
    try:
        validate_external_id(external_id)
    except ValidationError as error:
        raise Invalid(
            "invalid", f"External id: {error.messages[0]}", details=details_of("external_id", error)
        ) from None


def _put(namespace: str, external_id: str, wishes: Wishes) -> tuple[Any, bool]:
    mapping = mapping_of(namespace, external_id).select_related("user__carillon_profile").first()
    is_new = mapping is None
    if mapping is None:
        user = _existing(wishes) if wishes.user is not None else _made(namespace, external_id, wishes)
        ExternalId.objects.create(
            namespace=namespace,
            external_id=external_id,
            user=user,
            is_ours=wishes.user is None,
            created_at=timezone.now(),
        )
    else:
        user = mapping.user
        _check_reach(user)
        _check_same(user, wishes)
        if mapping.is_ours:
            _change_sign_in(user, wishes)
    if wishes.user is not None or (mapping is not None and not mapping.is_ours):
        _keep_sign_in(user, wishes)
    _change_profile(user, wishes.profile)
    return user, is_new


def _existing(wishes: Wishes) -> Any:
    """The user that the service names; a key may never reach those who may do more than it may."""
    model = get_user_model()
    user = model._base_manager.filter(**{model.USERNAME_FIELD: wishes.user}).select_related("carillon_profile").first()
    if user is None:
        raise Invalid("invalid", f"Nobody is called {wishes.user}.", details=[_detail("user", "unknown")])
    _check_reach(user)
    return user


def _check_reach(user: Any) -> None:
    if getattr(user, "is_staff", False) or getattr(user, "is_superuser", False):
        raise NotAllowed("forbidden", "A service may not map or change staff.")


def _check_same(user: Any, wishes: Wishes) -> None:
    if wishes.user is not None and user.get_username() != wishes.user:
        raise Conflict("conflict", "This id is mapped to somebody else; delete the mapping first.")


def _keep_sign_in(user: Any, wishes: Wishes) -> None:
    """Who was not made by a service keeps what they sign in and get their password back with."""
    given = {"username": wishes.username, "email": wishes.email}
    present = {"username": user.get_username(), "email": queries.email_of(user)}
    wrong = [name for name, value in given.items() if value is not None and value != present[name]]
    if wrong:
        raise NotAllowed(
            "forbidden",
            "This account was not made by your service: its user name and e-mail address are not yours to change.",
            details=[_detail(name, "not yours to change") for name in wrong],
        )


def _made(namespace: str, external_id: str, wishes: Wishes) -> Any:
    """A new user who cannot sign in with a password."""
    model = get_user_model()
    user = model()
    name = wishes.username if wishes.username is not None else _derived_name(namespace, external_id, wishes)
    _set(user, model.USERNAME_FIELD, "username", name)
    if wishes.email:
        _set(user, _email_field(), "email", wishes.email)
    try:
        _check_free(user)
    except Conflict:
        if mapping_of(namespace, external_id).exists():
            raise _Overtaken from None
        raise
    if hasattr(user, "set_unusable_password"):
        user.set_unusable_password()
    user.save(force_insert=True)
    return user


def _derived_name(namespace: str, external_id: str, wishes: Wishes) -> str:
    """A user name nobody has, told by the ids; an e-mail address where people sign in with one."""
    model = get_user_model()
    column = model._meta.get_field(model.USERNAME_FIELD)
    is_address = isinstance(column, EmailField)
    if is_address and wishes.email:
        return wishes.email
    longest = min(getattr(column, "max_length", None) or 150, 64 if is_address else 150) - 8
    stem = f"{namespace}-{_UNFIT.sub('-', external_id)}"[:longest].rstrip(".-")
    # Nothing is ever sent there: RFC 2606 keeps `.invalid` for this.
    ending = "@people.invalid" if is_address else ""
    is_taken = model._base_manager.filter(**{model.USERNAME_FIELD: stem + ending}).exists()
    return f"{stem}-{secrets.token_hex(3)}{ending}" if is_taken else stem + ending


def _change_sign_in(user: Any, wishes: Wishes) -> None:
    model = get_user_model()
    changed = set()
    if wishes.username is not None and wishes.username != user.get_username():
        _set(user, model.USERNAME_FIELD, "username", wishes.username)
        _check_free(user)
        changed.add(model.USERNAME_FIELD)
    if wishes.email is not None and wishes.email != queries.email_of(user):
        _set(user, _email_field(), "email", wishes.email)
        _check_free(user)
        changed.add(_email_field())
    if changed:
        user.save(update_fields=sorted(changed))


def _change_profile(user: Any, wanted: Mapping[str, str]) -> None:
    """A nightly run over everybody tells nobody anything that they knew."""
    profile = queries.profile_of(user)
    changes = {name: value for name, value in wanted.items() if getattr(profile, name) != value}
    if changes:
        update_profile(user, **changes)


def _email_field() -> str:
    name: str = get_user_model().get_email_field_name()
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        message = "this site keeps no e-mail addresses"
        raise Invalid("invalid", f"Email: {message}.", details=[_detail("email", message)]) from None
    return name


def _set(user: Any, column: str, name: str, value: str) -> None:
    """Set a column to what the host's own field makes of the value; raises Invalid under the name that the service knows."""
    field: Field[Any, Any] = user._meta.get_field(column)
    try:
        setattr(user, column, field.clean(_normal(user, column, value), user))
    except ValidationError as error:
        raise Invalid("invalid", f"{name.capitalize()}: {error.messages[0]}", details=details_of(name, error)) from None


def _normal(user: Any, column: str, value: str) -> str:
    normal = getattr(user, "normalize_username", None)
    return str(normal(value)) if normal is not None and column == user.USERNAME_FIELD else value


def _check_free(user: Any) -> None:
    """Raise Conflict for a user name or an address that somebody else has, where the host wants them unique."""
    names = {user.USERNAME_FIELD: "username", user.get_email_field_name(): "email"}
    try:
        user.validate_unique(exclude=[field.name for field in user._meta.fields if field.name not in names])
    except ValidationError as error:
        taken = [names.get(column, column) for column in error.error_dict]
        raise Conflict(
            "conflict",
            'Somebody has this already; to map to that person, send their user name as "user".',
            details=[_detail(name, "taken") for name in taken],
        ) from None


def _detail(field: str, message: str) -> Detail:
    return {"field": field, "message": message}
