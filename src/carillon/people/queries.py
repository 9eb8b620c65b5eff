"""Public faces and preferences of users, with or without a Profile."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import IntegerField, QuerySet
from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.people.models import ExternalId, Profile
from carillon.people.prepared import PreparedMany
from carillon.realtime import log
from carillon.realtime.identity import Person
from carillon.realtime.relation import among, chunks


class Preferences(msgspec.Struct, frozen=True):
    """The language and time zone that a person is written to in."""

    language: str
    time_zone: str


def users(ids: Iterable[object]) -> QuerySet[Any]:
    """The users with these keys, with their profiles; what cannot be a key of the user model is left out."""
    model = get_user_model()
    return model._base_manager.filter(pk__in=list(keys_of(ids))).select_related("carillon_profile")


def users_of(ids: Iterable[object], using: str) -> QuerySet[Any]:
    """`users`, with the SQL made once for a few keys; from this database."""
    return _users.rows(list(keys_of(ids)), using)


_users = PreparedMany(
    lambda keys: get_user_model()._base_manager.filter(pk__in=keys).select_related("carillon_profile"),
    lambda: get_user_model()._meta.pk,
)


def mapped(namespace: str, external_ids: Iterable[str]) -> dict[str, Any]:
    """The keys of the users that the services of a namespace mean by these ids; unknown ids are missing."""
    found: dict[str, Any] = {}
    for chunk in chunks(list(external_ids)):
        rows = ExternalId.objects.filter(namespace=namespace, external_id__in=chunk)
        found.update(rows.values_list("external_id", "user"))
    return found


def named(names: Iterable[str]) -> dict[str, Any]:
    """The keys of the users with these user names; unknown names are missing."""
    model = get_user_model()
    found: dict[str, Any] = {}
    for chunk in chunks(list(names)):
        rows = model._base_manager.filter(**{f"{model.USERNAME_FIELD}__in": chunk})
        found.update(rows.values_list(model.USERNAME_FIELD, "pk"))
    return found


def active(users: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these users whose account is not disabled; all of them where the host's user model cannot tell."""
    return users.filter(is_active=True) if has_field(users.model, "is_active") else users


def languages_of(ids: Iterable[object]) -> dict[Any, str]:
    """The language of each of these users who exists, by key; one statement for each thousand, and no user is loaded.

    Every notification asks for it: the ORM takes longer to write the query than a database to answer it.
    """
    connection, model = log.connection(), get_user_model()
    key, profile = model._meta.pk, Profile._meta
    name, user_key = connection.ops.quote_name, f"users.{connection.ops.quote_name(str(key.column))}"
    keys = [key_value(each, connection) for each in keys_of(ids)]
    found: dict[Any, str] = {}
    for chunk in chunks(keys):
        wanted, values = among(connection, user_key, key_type(connection.alias), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {user_key}, profile.language FROM {name(model._meta.db_table)} users"  # noqa: S608
                f" LEFT JOIN {profile.db_table} profile ON profile.user_id = {user_key} WHERE {wanted}",
                values,
            )
            found.update((key.to_python(user), _spoken(language)) for user, language in cursor.fetchall())
    return found


def language_join(key: str) -> tuple[str, str]:
    """The column and the join that tell in a statement of others what `language_from` reads, of whom column `key` names."""
    return "spoken.language", f" LEFT JOIN {Profile._meta.db_table} spoken ON spoken.user_id = {key}"


def language_from(column: str | None) -> str:
    """The language of a person, given what their profile says, if they have one."""
    return _spoken(column)


@functools.cache
def key_type(alias: str) -> str:
    """The type of the columns that hold a person's key; Django works it out anew each time."""
    return str(get_user_model()._meta.pk.rel_db_type(connections[alias]))


def key_value(user: Any, connection: BaseDatabaseWrapper) -> Any:
    """A person's key as the database takes it; asked for each person in each statement."""
    return user if type(user) is int else get_user_model()._meta.pk.get_db_prep_value(user, connection)


def key_from(value: Any) -> Any:
    """A person's key as the user model has it, given what the database says; the way back from `key_value`."""
    return value if type(value) is int else get_user_model()._meta.pk.to_python(value)


def person_of(user: Any) -> Person:
    """The public face of a user, from the host's `PERSON` function or from Profile."""
    if settings.PERSON:
        return _checked(import_string(settings.PERSON)(user))
    profile = profile_of(user)
    return Person(
        id=str(user.pk),
        name=_name(user, profile),
        role=profile.role,
        avatar=profile.avatar_url,
        username=_shown_username(user),
    )


def people_of(ids: Iterable[object]) -> dict[str, Person]:
    """The public faces of these users by key as text, in one query, or in none; unknown keys are missing."""
    # To find out that nobody is asked for costs Django as much as a query.
    ids = list(ids)
    if not ids:
        return {}
    if are_usual():
        rows = _faces.rows(list(keys_of(ids)), get_user_model()._base_manager.db)
        return {person.id: person for person in map(face_from, rows)}
    return {str(user.pk): person_of(user) for user in users(ids)}


def are_usual() -> bool:
    """Whether `person_of` says of a user what stands in known columns, so that no user need be loaded for it."""
    model: Any = get_user_model()
    return (
        not settings.PERSON
        and getattr(model, "get_full_name", None) is AbstractUser.get_full_name
        and model.get_username is AbstractUser.get_username
    )


def _columns_of_faces(keys: Sequence[Any]) -> QuerySet[Any]:
    model = get_user_model()
    own = ("pk", model.USERNAME_FIELD, "first_name", "last_name")
    profile = [f"carillon_profile__{name}" for name in ("display_name", "role", "avatar_url")]
    return model._base_manager.filter(pk__in=keys).values_list(*own, *profile)


_faces = PreparedMany(_columns_of_faces, lambda: get_user_model()._meta.pk)


def face_from(row: Sequence[Any]) -> Person:
    """The public face in a row of key, user name, first and last name, and `display_name`, `role`, `avatar_url` of the profile."""
    key, username, first, last, display, role, avatar = row
    name = display or f"{first} {last}".strip() or username
    return Person(str(key), name, role or "", avatar or "", "" if "@" in username else username)


def face_joins(key: str) -> tuple[str, str]:
    """Columns, each after a comma, and joins that tell in a statement of others who has the user key in column `key`.

    Both are empty where the host shows people its own way.
    """
    return _face_joins(key, log.alias()) if are_usual() else ("", "")


@functools.cache
def _face_joins(key: str, alias: str) -> tuple[str, str]:
    model, name = get_user_model(), connections[alias].ops.quote_name
    own = (f"users.{name(column)}" for column in (_column_of(model.USERNAME_FIELD), "first_name", "last_name"))
    columns = [*own, "profile.display_name", "profile.role", "profile.avatar_url"]
    joins = (
        f" LEFT JOIN {name(model._meta.db_table)} users ON users.{name(_column_of('pk'))} = {key}"
        f" LEFT JOIN {Profile._meta.db_table} profile ON profile.user_id = {key}"
    )
    return "".join(f", {column}" for column in columns), joins


def faces_joined(found: Mapping[Any, Sequence[Any]]) -> dict[Any, Person]:
    """The public faces behind these keys, as the database has them, each with what it gave for the columns of `face_joins`."""
    to_python = get_user_model()._meta.pk.to_python
    if found and not are_usual():
        people = people_of(map(to_python, found))
        return {key: people[id] for key in found if (id := str(to_python(key))) in people}
    return {key: face_from((to_python(key), *columns)) for key, columns in found.items()}


def _column_of(field: str) -> str:
    meta = get_user_model()._meta
    found: Any = meta.pk if field == "pk" else meta.get_field(field)
    return str(found.column)


def email_of(user: Any) -> str:
    """The user's e-mail address, empty where the host keeps none."""
    return str(getattr(user, user.get_email_field_name(), None) or "")


def preferences_of(user: Any) -> Preferences:
    """The language and time zone of one user."""
    return _preferences(profile_of(user))


def profile_of(user: Any) -> Profile:
    """The user's Profile, or an unsaved one with the defaults."""
    try:
        profile: Profile = user.carillon_profile
    except ObjectDoesNotExist:
        return Profile(user_id=user.pk)
    return profile


def _preferences(profile: Profile) -> Preferences:
    return Preferences(language=_spoken(profile.language), time_zone=profile.time_zone or django_settings.TIME_ZONE)


def _spoken(language: str | None) -> str:
    spoken: tuple[str, ...] = settings.LANGUAGES
    return language if language in spoken else spoken[0]


def _name(user: Any, profile: Profile) -> str:
    full_name = getattr(user, "get_full_name", None)
    return profile.display_name or (full_name() if full_name else "") or user.get_username()


def _shown_username(user: Any) -> str:
    """The name people sign in with; where it is their e-mail address, nothing: others need not know that."""
    name: str = user.get_username()
    return "" if "@" in name else name


def _checked(person: object) -> Person:
    if not isinstance(person, Person):
        raise TypeError(
            f"CARILLON['PERSON'] must return a carillon.realtime.identity.Person, not {type(person).__name__}"
        )
    return person


def keys_of(ids: Iterable[object]) -> Iterator[Any]:
    """These keys as the user model has them; what cannot be one is left out."""
    column = get_user_model()._meta.pk
    is_number = isinstance(column, IntegerField)
    for given in ids:
        is_plain = is_number and type(given) is str and len(given) < 10 and given.isascii() and given.isdecimal()
        key = int(given) if is_plain else given  # type: ignore[call-overload]
        if is_number and type(key) is int and 0 < key < 2**31:
            # What cleaning would say too, in a fiftieth of the time.
            yield key
            continue
        try:
            yield column.clean(key, None)
        except (ValidationError, ValueError, TypeError):
            continue


def has_field(model: Any, field: str) -> bool:
    """Whether a model has a field of this name."""
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return False
    return True
