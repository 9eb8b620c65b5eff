"""A host's rule of presence, for servers of tests: everybody sees everybody."""

from __future__ import annotations

from collections.abc import Collection

PATH = f"{__name__}.everybody"


def everybody(viewer: str, people: Collection[str]) -> Collection[str]:
    """Whomever is asked for."""
    return people
