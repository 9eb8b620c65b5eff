"""Prepared: queries for one row, or the rows of a few keys, with SQL made once: making it costs more than the database takes."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connections
from django.db.models import CharField, Field, IntegerField, QuerySet, UUIDField
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
        made = self._made.get(using)
        if made is None:
            made = self._made[using] = _make(self._build(_PLACE).using(using)[:1])
        return next(iter(_rows(made, {_PLACE: value}, using)), None)


class PreparedMany:
    """Rows that keys of `field` lead to: `build` is given stand-ins for them, once for each database and number of keys."""

    def __init__(self, build: Callable[[Sequence[Any]], QuerySet[Any]], field: Callable[[], Field[Any, Any]]) -> None:
        self._build, self._field = build, field
        # With what stands in them for each key, as the database has it; None where nothing can stand in.
        self._made: dict[tuple[str, int], tuple[_Made, list[Any]] | None] = {}

    def rows(self, keys: Sequence[Any], using: str) -> QuerySet[Any]:
        """The rows for these keys, as the ORM would give them; prepared for at most 64 keys of the usual types."""
        found = self._given(keys, using)
        return self._build(keys).using(using) if found is None else _rows(*found, using)

    def tuples(self, keys: Sequence[Any], using: str) -> Iterable[Sequence[Any]]:
        """The rows of a `values_list` for these keys, as `rows` gives them, without a queryset: half of the time of a few rows."""
        found = self._given(keys, using)
        if found is None:
            return self._build(keys).using(using)
        (_, compiler, sql, params), given = found
        connection = connections[using]
        with connection.cursor() as cursor:
            cursor.execute(sql, tuple(given.get(param, param) for param in params))
            fetched = cursor.fetchall()
        converters = compiler.get_converters([])
        return _converted(fetched, converters, connection) if converters else fetched

    def _given(self, keys: Sequence[Any], using: str) -> tuple[_Made, dict[Any, Any]] | None:
        """What is made for so many keys, and each value that stands in it; None where nothing can be prepared."""
        size = next((size for size in _SIZES if len(keys) <= size), 0)
        if not keys or not size:
            return None
        if (using, size) not in self._made:
            self._made[using, size] = self._make(size, using)
        made = self._made[using, size]
        if made is None:
            return None
        field, connection = self._field(), connections[using]
        given = [field.get_db_prep_value(key, connection) for key in keys]
        # The last one again and again makes no further rows.
        given += given[-1:] * (size - len(given))
        return made[0], dict(zip(made[1], given, strict=True))

    def _make(self, size: int, using: str) -> tuple[_Made, list[Any]] | None:
        field, connection = self._field(), connections[using]
        places = _stand_ins(field, size)
        if not places:
            return None
        made = _make(self._build(places).using(using))
        return made, [field.get_db_prep_value(place, connection) for place in places]


def _converted(fetched: Iterable[Sequence[Any]], converters: Any, connection: Any) -> list[list[Any]]:
    found = [list(row) for row in fetched]
    for place, (convert, expression) in converters.items():
        for row in found:
            for each in convert:
                row[place] = each(row[place], expression, connection)
    return found


# Of few sizes, so that few are made.
_SIZES = (1, 4, 16, 64)


def _stand_ins(field: Field[Any, Any], count: int) -> list[Any]:
    """So many values of a field that no row has; none where its type is not known here."""
    if isinstance(field, IntegerField):
        return [-1 - number for number in range(count)]
    if isinstance(field, UUIDField):
        return [uuid.UUID(int=number) for number in range(count)]
    return [f"{_PLACE}{number}" for number in range(count)] if type(field) is CharField else []


def _make(rows: QuerySet[Any]) -> _Made:
    compiler = rows.query.get_compiler(using=rows.db)
    sql, params = compiler.as_sql()
    # To set the query makes dictionaries of a `values_list`.
    kind = rows._iterable_class
    rows.query = rows.query.chain(klass=_Compiled)
    rows._iterable_class = kind
    converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
    compiler.get_converters = lambda *_: converters
    return (rows, compiler, sql, tuple(params))


def _rows(made: _Made, given: Mapping[Any, Any], using: str) -> QuerySet[Any]:
    rows, compiler, sql, params = made
    compiler = copy.copy(compiler)
    # A connection belongs to its thread.
    compiler.connection = connections[using]
    values = tuple(given.get(param, param) for param in params)
    compiler.as_sql = lambda *_, **__: (sql, values)  # type: ignore[method-assign]
    found = rows.all()
    cast(_Compiled, found.query).compiler_made = compiler
    return found


class _Compiled(Query):
    """A query that has its compiler."""

    compiler_made: SQLCompiler

    def get_compiler(self, *_: Any, **__: Any) -> SQLCompiler:
        return self.compiler_made
