"""Wording: the templates of kinds, filled in a tenth of the time where they hold nothing but texts, names and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Engine, Template
from django.template.base import FilterExpression, Node, TextNode, VariableNode
from django.template.defaulttags import IfNode
from django.template.smartif import TokenBase

# Notifications are plain text: React and e-mail templates escape where they show it.
_engine = Engine(autoescape=False)

_Values = dict[str, Any]
# Writes what one node says, given values that `Wording` has looked at.
_Part = Callable[[_Values], str]


class Wording:
    """A template over parameters; `fill` says what Django's `render` would."""

    def __init__(self, source: str) -> None:
        """Parse it; raises TemplateSyntaxError."""
        self._template: Template = _engine.from_string(source)
        names: set[str] = set()
        try:
            self._parts: Sequence[_Part] | None = _parts_of(self._template.nodelist, names)
        except _NotPlainError:
            self._parts = None
        self._names = frozenset(names)

    def fill(self, params: Mapping[str, Any]) -> str:
        """The text for these values."""
        values = dict(params)
        if self._parts is None or not self._are_plain(values):
            return self._template.render(Context(values, autoescape=False))
        return "".join([part(values) for part in self._parts])

    def _are_plain(self, values: _Values) -> bool:
        """Whether all that is named is there, and is what a template writes as `str` does."""
        is_grouped = settings.USE_THOUSAND_SEPARATOR
        kinds = {type(values.get(name)) for name in self._names}
        return kinds <= ({str} if is_grouped else {str, int})


@lru_cache(maxsize=512)
def wording(source: str) -> Wording:
    """The wording of a template source; raises TemplateSyntaxError."""
    return Wording(source)


class _NotPlainError(Exception):
    """Only Django can fill it."""


def _parts_of(nodes: Sequence[Node], names: set[str]) -> list[_Part]:
    return [_part_of(node, names) for node in nodes]


def _part_of(node: Node, names: set[str]) -> _Part:
    if type(node) is TextNode:
        text: str = node.s
        return lambda _: text
    if type(node) is VariableNode:
        name = _name_in(node.filter_expression)
        if name is None:
            raise _NotPlainError
        names.add(name)
        return lambda values: str(values[name])
    if type(node) is IfNode:
        return _choice(node, names)
    raise _NotPlainError


def _choice(node: IfNode, names: set[str]) -> _Part:
    branches = []
    for condition, nodes in node.conditions_nodelists:
        if condition is not None:
            names |= set(_names_in(condition))
        branches.append((condition, _parts_of(nodes, names)))

    def write(values: _Values) -> str:
        for condition, parts in branches:
            if condition is None or condition.eval(values):
                return "".join([part(values) for part in parts])
        return ""

    return write


def _names_in(condition: TokenBase) -> Iterator[str]:
    """The names in a condition without filters."""
    if isinstance(expression := condition.value, FilterExpression):
        name = _name_in(expression)
        if name is not None:
            yield name
    for operand in (condition.first, condition.second):
        if operand is not None:
            yield from _names_in(operand)


def _name_in(expression: FilterExpression) -> str | None:
    """The name that an expression is; None for a number or a text in quotes."""
    variable = expression.var
    if expression.filters or isinstance(variable, str) or variable.translate:
        raise _NotPlainError
    if variable.lookups is None:
        return None
    if len(variable.lookups) > 1:
        raise _NotPlainError
    return str(variable.lookups[0])
