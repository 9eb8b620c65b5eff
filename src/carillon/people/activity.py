"""Who is active now: asked here, and answered by whichever feature knows of connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Active = Callable[[Iterable[str]], set[str]]

_answers: list[Active] = []


def register_activity(answer: Active) -> None:
    """Have this function say which of these people, by key as text, are active in the application now."""
    _answers.append(answer)


def active_among(people: Iterable[str]) -> set[str]:
    """Those of these people who are active now; nobody where nothing knows of it. Never inside a transaction: it may ask Redis."""
    wanted = list(people)
    return set().union(*(answer(wanted) for answer in _answers)) if wanted else set()
