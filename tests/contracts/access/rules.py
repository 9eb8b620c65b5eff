"""Expectations: what each actor gets on each target, as short texts such as `200` and `404 not_found`.

On a socket a refusal that closes says its code: `4000 session_revoked`; one that does not is `not_found`; else `reply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Of the actor themselves, of somebody who takes no part, of nobody at all.
TARGETS = ("own", "foreign", "missing")
SIGNED_IN = ("owner", "stranger", "staff")
# Nobody; a person whose account was disabled, or whose access token expired, after they signed in.
OUTSIDE = ("anonymous", "suspended", "expired")
# A service key with every scope, and one with none.
KEYS = ("key", "unscoped")
ACTORS = (*SIGNED_IN, *OUTSIDE, *KEYS)
# Besides, where conversations are the target: in it as somebody else's guest, in it once, in it with who blocks them.
PARTICIPANTS = ("member", "former", "blocked")

Rules = dict[str, tuple[str, str, str]]


@dataclass(frozen=True)
class Line:
    """One operation: its rules, and the request that asks for it, in which `{name}` stands for what the target is.

    `may_tell` is the reason why a foreign target and a missing one may be told apart; without one they may not. `path`
    says what stands in the address where its own name means something else.
    """

    rules: Rules
    body: Mapping[str, Any] | None = None
    cookie: bool = False
    may_tell: str = ""
    path: Mapping[str, str] = field(default_factory=dict)

    def address(self, path: str, words: Mapping[str, Any]) -> str:
        """The path of an operation with the words in their places."""
        return path.format_map({**words, **{name: words[word] for name, word in self.path.items()}})

    @property
    def is_of_talks(self) -> bool:
        """Whether its target is a conversation or the people in it."""
        return PARTICIPANTS[0] in self.rules


def rules(everybody: str | tuple[str, str, str], **others: str | tuple[str, str, str]) -> Rules:
    """The same for everybody but those who are named; one text stands for all three targets."""
    return _rules(ACTORS, everybody, others)


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


def talk(done: str = "200", *, hidden: str = "404 not_found", **participants: str) -> Rules:
    """A conversation, for who is in it; who was in it once can tell it from none as little as a stranger.

    `member` and `blocked` say what those may not do who are in it.
    """
    return _of_talks(done, hidden, participants, refused_outside())


def talk_on_socket(done: str = "reply", *, hidden: str = "not_found", **participants: str) -> Rules:
    """The same for a command."""
    return _of_talks(done, hidden, participants, CLOSED)


def people(own: str, foreign: str, missing: str, *, blocked: str = "") -> Rules:
    """Somebody who can be found is named, whoever asks; `blocked` says what those get whom the foreign one blocks."""
    others = {**refused_outside(), "blocked": (own, blocked or foreign, missing)}
    return _rules((*ACTORS, *PARTICIPANTS), (own, foreign, missing), others)


def people_on_socket(*, blocked: str = "reply") -> Rules:
    """The same for a command."""
    others = {**CLOSED, "blocked": ("reply", blocked, "not_found")}
    return _rules((*ACTORS, *PARTICIPANTS), ("reply", "reply", "not_found"), others)


CLOSED: dict[str, str | tuple[str, str, str]] = {
    "anonymous": "4000 unauthenticated",
    "suspended": "4000 session_revoked",
    "expired": "4002 token_expired",
    **dict.fromkeys(KEYS, "4002 token_invalid"),
}


def _of_talks(
    done: str, hidden: str, participants: Mapping[str, str], outside: Mapping[str, str | tuple[str, str, str]]
) -> Rules:
    inside = {name: (answer, hidden, hidden) for name, answer in {"former": hidden, **participants}.items()}
    return _rules((*ACTORS, *PARTICIPANTS), (done, hidden, hidden), {**outside, **inside})


def _rules(
    actors: tuple[str, ...],
    everybody: str | tuple[str, str, str],
    others: Mapping[str, str | tuple[str, str, str]],
) -> Rules:
    return {actor: _three(others.get(actor, everybody)) for actor in actors}


def _three(answer: str | tuple[str, str, str]) -> tuple[str, str, str]:
    return (answer, answer, answer) if isinstance(answer, str) else answer
