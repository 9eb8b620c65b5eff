"""Expectations: what each actor gets on each target, as short texts such as `200` and `404 not_found`.

On a socket a refusal that closes says its code: `4000 session_revoked`; one that does not is `not_found`; else `reply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Of the actor themselves, of somebody who takes no part, of nobody at all.
TARGETS = ("own", "foreign", "missing")
SIGNED_IN = ("owner", "stranger", "staff")
# Nobody; a person whose account was disabled, or whose access token expired, after they signed in.
OUTSIDE = ("anonymous", "suspended", "expired")
# A service key with every scope, and one with none.
KEYS = ("key", "unscoped")
ACTORS = (*SIGNED_IN, *OUTSIDE, *KEYS)

Rules = dict[str, tuple[str, str, str]]


@dataclass(frozen=True)
class Line:
    """One operation: its rules, and the request that asks for it, in which `{name}` stands for what the target is.

    `may_tell` is the reason why a foreign target and a missing one may be told apart; without one they may not.
    """

    rules: Rules
    body: Mapping[str, Any] | None = None
    cookie: bool = False
    may_tell: str = ""


def rules(everybody: str | tuple[str, str, str], **others: str | tuple[str, str, str]) -> Rules:
    """The same for everybody but those who are named; one text stands for all three targets."""
    return {actor: _three(others.get(actor, everybody)) for actor in ACTORS}


def refused_outside(**others: str | tuple[str, str, str]) -> dict[str, str | tuple[str, str, str]]:
    """What those get who are not signed in, wherever one has to be."""
    return {
        "anonymous": "401 unauthenticated",
        "suspended": "401 session_revoked",
        "expired": "401 token_expired",
        # A key is nobody where people are meant.
        **dict.fromkeys(KEYS, "401 unauthenticated"),
        **others,
    }


def personal(done: str = "200", hidden: str = "404 not_found") -> Rules:
    """A thing that belongs to one person: nobody else can reach it or learn that it exists, staff neither."""
    return rules((done, hidden, hidden), **refused_outside())


def own_only(done: str = "200") -> Rules:
    """No thing is named: everybody who is signed in works on what is theirs, whomever else the request names."""
    return rules(done, **refused_outside())


def staff_and_keys(own: str, foreign: str, missing: str) -> Rules:
    """Staff, and services with the scope; to others it makes no difference what they name."""
    done = (own, foreign, missing)
    return rules("403 forbidden", staff=done, **refused_outside(key=done, unscoped="403 forbidden"))


def keys_only(own: str, foreign: str, missing: str) -> Rules:
    """Services with the scope; people are no services, however they signed in."""
    return rules("401 unauthenticated", key=(own, foreign, missing), unscoped="403 forbidden")


def public(done: str = "200", **others: str | tuple[str, str, str]) -> Rules:
    """Everybody, also with a credential that is no good."""
    return rules(done, **others)


def on_socket(own: str = "reply", foreign: str = "not_found", missing: str = "not_found") -> Rules:
    """A command of somebody who is signed in; others are told why they are not, and closed."""
    return rules((own, foreign, missing), **CLOSED)


CLOSED = {
    "anonymous": "4000 unauthenticated",
    "suspended": "4000 session_revoked",
    "expired": "4002 token_expired",
    **dict.fromkeys(KEYS, "4002 token_invalid"),
}


def _three(answer: str | tuple[str, str, str]) -> tuple[str, str, str]:
    return (answer, answer, answer) if isinstance(answer, str) else answer
