"""Prepared: a query for one row whose SQL is made once a process; making it costs several times what the database takes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

# Stands for the value while the SQL is made; no text that a client may send contains NUL.
_PLACE = "\0"

# The queryset, its compiler, the SQL and the parameters.
_Made = tuple[QuerySet[Any], SQLCompiler, str, tuple[Any, ...]]


class Prepared:
    """Rows that a text leads to: `build` is given a stand-in for it, once for each database, and returns the queryset."""

    def __init__(self, build: Callable[[str], QuerySet[Any]]) -> None:
        self._build = build
        self._made: dict[str, _Made] = {}

    def first(self, value: str, using: str) -> Any | None:
        """The first row for this value, as the ORM would give it, with what it selects as related; None without one."""
        rows, compiler, sql, params = self._made.get(using) or self._make(using)
        compiler = copy.copy(compiler)
        # A connection belongs to its thread.
        compiler.connection = connections[using]
        given = tuple(value if param == _PLACE else param for param in params)
        compiler.as_sql = lambda *_, **__: (sql, given)  # type: ignore[method-assign]
        found = rows.all()
        cast(_Compiled, found.query).compiler_made = compiler
        return next(iter(found), None)

    def _make(self, using: str) -> _Made:
        rows = self._build(_PLACE).using(using)[:1]
        compiler = rows.query.get_compiler(using=using)
        sql, params = compiler.as_sql()
        rows.query = rows.query.chain(klass=_Compiled)
        converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
        compiler.get_converters = lambda *_: converters
        made = self._made[using] = (rows, compiler, sql, tuple(params))
        return made


class _Compiled(Query):
    """A query that has its compiler."""

    compiler_made: SQLCompiler

    def get_compiler(self, *_: Any, **__: Any) -> SQLCompiler:
        return self.compiler_made
