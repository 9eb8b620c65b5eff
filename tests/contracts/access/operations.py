"""What there is: the operations in the OpenAPI document, the addresses in the URL configuration, the commands."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from carillon.realtime.built_in import BUILT_IN
from carillon.realtime.command import registered_commands

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation of REST; `path` has its parameters in braces."""

    name: str
    method: str
    path: str


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document of every address that the server has, the demonstration's too."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@functools.cache
def operations() -> dict[str, Operation]:
    """Every operation of the document, by its id."""
    return {
        found["operationId"]: Operation(found["operationId"], method.upper(), path)
        for path, methods in document()["paths"].items()
        for method, found in methods.items()
    }


def routes() -> Iterator[tuple[str, set[str]]]:
    """Every address of the URL configuration as OpenAPI would write it, with the methods that its view answers to."""
    yield from _routes(get_resolver().url_patterns, "")


def commands() -> set[str]:
    """Every command that a socket of ours answers to; those that tests register are not meant."""
    registered = registered_commands().items()
    return {*BUILT_IN, *(name for name, found in registered if found.handler.__module__.startswith("carillon."))}


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            yield from _routes(pattern.url_patterns, route)
        else:
            view = getattr(getattr(pattern, "callback", None), "cls", None)
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), {name for name in _METHODS if hasattr(view, name)}
