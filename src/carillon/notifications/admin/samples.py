"""Samples: what a kind's templates ask for, and how it reads when each parameter shows its own name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.template import Context, Engine

from carillon.notifications import kinds
from carillon.notifications.kinds import Kind, Rendered

_engine = Engine(autoescape=False)
# Names that are Django's own in a template.
_BUILT_IN = {"True", "False", "None", "forloop", "block", "csrf_token"}


class Placeholder(str):
    """A parameter that shows its name, whatever a template asks of it."""

    def __getitem__(self, key: Any) -> Any:
        return Placeholder(f"{self[:-1]}.{key}⟩") if isinstance(key, str) else super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        # A template that loops over it gets one of them.
        return iter([Placeholder(str(self))])

    @classmethod
    def of(cls, name: str) -> Placeholder:
        """The placeholder of a parameter."""
        return cls(f"⟨{name}⟩")


class _Asked(dict[str, Any]):
    """Has whatever is asked for, and remembers the names."""

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str) and name not in _BUILT_IN:
            self.setdefault(name, Placeholder.of(name))
        return super().__contains__(name)


def parameters_of(kind: Kind) -> list[str]:
    """The parameters that the kind's templates look at, in the order in which they do."""
    asked = _Asked()
    sources = [kind.url, *(source for text in kind.texts.values() for source in (text.title, text.message))]
    for source in filter(None, sources):
        # A tag that needs more than a placeholder stops here, with what it asked for so far.
        with contextlib.suppress(Exception):
            _engine.from_string(source).render(Context(asked, autoescape=False))
    return list(asked)


def sample(kind: Kind, language: str) -> Rendered:
    """The words of a kind with its parameters named instead of filled in; what cannot be filled in so says why."""
    try:
        return kinds.render(kind, {name: Placeholder.of(name) for name in parameters_of(kind)}, language)
    except Exception as error:
        return Rendered(title=f"{type(error).__name__}: {error}", message="", url="")
