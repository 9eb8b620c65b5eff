"""What the routes of people take and give."""

from __future__ import annotations

from typing import Annotated

import msgspec

from carillon.realtime.identity import Person

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Jwt = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Login(msgspec.Struct, frozen=True):
    """A user name and a password."""

    username: Text
    password: Secret


class Session(msgspec.Struct, frozen=True):
    """An access token for `expires_in` seconds, and whom it is for; the refresh token is in a cookie."""

    access: str
    expires_in: int
    person: Person
    language: str
    time_zone: str


class TokenPair(msgspec.Struct, frozen=True):
    """The tokens as the documents print them (REQUIREMENTS 004-10)."""

    access: str
    refresh: str


class Refresh(msgspec.Struct, frozen=True):
    """A refresh token in a body."""

    refresh: Jwt


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password and the next one."""

    current: Secret
    new: Secret


class SocketTicket(msgspec.Struct, frozen=True):
    """A ticket for one socket, good for `expires_in` seconds."""

    ticket: str
    expires_in: int


class Me(msgspec.Struct, frozen=True):
    """Who is signed in."""

    person: Person
    username: str
    email: str
    language: str
    time_zone: str


class MeChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people may change about themselves; what is left out stays."""

    name: Annotated[str, msgspec.Meta(max_length=150)] | msgspec.UnsetType = msgspec.UNSET
    avatar: Annotated[str, msgspec.Meta(max_length=500)] | msgspec.UnsetType = msgspec.UNSET
    language: Annotated[str, msgspec.Meta(max_length=16)] | msgspec.UnsetType = msgspec.UNSET
    time_zone: Annotated[str, msgspec.Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET


class MappedPerson(msgspec.Struct, frozen=True):
    """Whom a service means by one of its ids."""

    external_id: str
    person: Person
    username: str
    email: str
    language: str
    time_zone: str


class PersonChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a service says of a person; what is left out stays, or is made up. `user` maps to someone who is there already."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=254)] | msgspec.UnsetType = msgspec.UNSET
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=254)] | msgspec.UnsetType = msgspec.UNSET
    email: Annotated[str, msgspec.Meta(max_length=254)] | msgspec.UnsetType = msgspec.UNSET
    name: Annotated[str, msgspec.Meta(max_length=150)] | msgspec.UnsetType = msgspec.UNSET
    role: Annotated[str, msgspec.Meta(max_length=80)] | msgspec.UnsetType = msgspec.UNSET
    language: Annotated[str, msgspec.Meta(max_length=16)] | msgspec.UnsetType = msgspec.UNSET
    time_zone: Annotated[str, msgspec.Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET
