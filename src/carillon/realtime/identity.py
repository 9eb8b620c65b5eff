"""Identity: who is behind a socket, as a verified credential says; never as a client says (REQUIREMENTS D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Person(msgspec.Struct, frozen=True):
    """The public face of a user, as events and snapshots carry it; `username`, where it may be shown, is what they sign in with."""

    id: str
    name: str
    role: str = ""
    avatar: str = ""
    username: str = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A verified person on a socket.

    `principals` are the few names by which an event may withdraw access: the person, and their sign-in as `session:<id>`. A
    set would take three times their room on each idle socket. `expires_at` is in seconds since 1970; `stamp` changes when
    the account is disabled, its password changes or it signs out everywhere.
    """

    person: str
    face: Person
    principals: tuple[str, ...]
    expires_at: float | None = None
    stamp: str = ""


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """What a verifier may know of the request that opened the socket.

    `headers` have lower-case names; cookies and those of the upgrade are left out.
    """

    path: str
    headers: Mapping[str, str]
    client: str
    session_cookie: str | None = None


class Credential(msgspec.Struct, frozen=True):
    """What was presented: `kind` is `bearer`, `ticket`, `session`, or `user`, the key of whom the host's own middleware verified."""

    kind: str
    value: str


class Verifier(Protocol):
    """Verifies one kind of credential; runs in a thread; raises Unauthenticated."""

    def __call__(self, credential: Credential, handshake: Handshake) -> Identity: ...


class ManyVerifier(Protocol):
    """Verifies many credentials of one kind at the cost of few; None for those that their Verifier must look at itself."""

    def __call__(self, credentials: Sequence[Credential]) -> Sequence[Identity | None]: ...


# Given people: the present stamp of those who may still be connected; who is missing from it may not.
StampReader = Callable[[Iterable[str]], Mapping[str, str]]

_verifiers: dict[str, Verifier] = {}
_many_verifiers: dict[str, ManyVerifier] = {}
_stamp_readers: list[StampReader] = []


def register_verifier(kinds: Sequence[str], verifier: Verifier, many: ManyVerifier | None = None) -> None:
    """Use this verifier for these kinds of credential; `many` is asked first, for all that come together."""
    for kind in kinds:
        _verifiers[kind] = verifier
        _many_verifiers.pop(kind, None)
        if many is not None:
            _many_verifiers[kind] = many


def verifier_of(kind: str) -> Verifier | None:
    """The verifier registered for a kind of credential, if any."""
    return _verifiers.get(kind)


def many_verifier_of(kind: str) -> ManyVerifier | None:
    """What verifies many credentials of a kind together, if anything does."""
    return _many_verifiers.get(kind)


def register_stamps(reader: StampReader) -> None:
    """Use this reader when connected people are checked again."""
    _stamp_readers[:] = [reader]


def present_stamps(people: Iterable[str]) -> Mapping[str, str] | None:
    """The present stamps of these people, or None where nobody registered a reader."""
    return _stamp_readers[0](people) if _stamp_readers else None


def plain(value: Any) -> Any:
    """A struct as plain dicts and lists, as JSON would carry it."""
    return msgspec.to_builtins(value)
