"""Captured notifications: what notify() made while a test looked on, read from the tables themselves.

Nothing is patched: what a rolled-back transaction took back was never made, and what raw SQL inserted was.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar, cast, overload

import msgspec
from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import Model

from carillon.jobs.sweeps import close_connections
from carillon.notifications import actions
from carillon.notifications.models import Fanout, Notification
from carillon.realtime import log

_R = TypeVar("_R")
_SHOWN = 20
_NOTHING = object()


class Captured(Sequence[Notification]):
    """The notifications made since it was opened, oldest first, one for each person; those of fan-outs too.

    Rows that a fan-out has yet to store have no lasting id. Outside its block it holds what was there at the end.
    """

    def __init__(self) -> None:
        self._before: frozenset[str] = frozenset()
        self._fanouts: frozenset[uuid.UUID] = frozenset()
        self._kept: list[Notification] | None = None

    def open(self) -> None:
        """Forget what there is already."""
        self._before = frozenset(Notification.objects.values_list("pk", flat=True))
        self._fanouts = frozenset(Fanout.objects.values_list("pk", flat=True))
        self._kept = None

    def close(self) -> None:
        """Keep what there is now."""
        self._kept = self._read()

    @overload
    def __getitem__(self, index: int) -> Notification: ...
    @overload
    def __getitem__(self, index: slice) -> list[Notification]: ...
    def __getitem__(self, index: int | slice) -> Notification | list[Notification]:
        return self._rows[index]

    def __iter__(self) -> Iterator[Notification]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<Captured {_listed(self._rows)}>"

    def to(self, person: object, **expected: object) -> list[Notification]:
        """What this person (a user or the key of one) got that is as expected; see `assert_notified`."""
        return [row for row in self._rows if _is_for(row, person) and not _differences(row, expected)]

    def assert_notified(self, person: object, *, times: int | None = None, **expected: object) -> Notification:
        """Fail unless this person was notified (`times` times, at least once) as expected; returns the first that was.

        Expected are columns of Notification: `kind`, `title`, `url`, … A compiled pattern is searched for; `data` and
        `params` need to hold what is given, and may hold more.
        """
        rows = self._rows
        found = [row for row in rows if _is_for(row, person) and not _differences(row, expected)]
        if not found:
            raise AssertionError(f"{_name(person)} was not notified{_of(expected)}.\n{_listed(rows, person, expected)}")
        if times is not None and len(found) != times:
            raise AssertionError(
                f"{_name(person)} was notified{_of(expected)} {len(found)} times, not {times}.\n{_listed(rows)}"
            )
        return found[0]

    def assert_not_notified(self, person: object = None, **expected: object) -> None:
        """Fail if this person, or anybody at all, was notified as given."""
        rows = self._rows
        found = [row for row in rows if (person is None or _is_for(row, person)) and not _differences(row, expected)]
        if found:
            who = "Somebody" if person is None else _name(person)
            raise AssertionError(f"{who} was notified{_of(expected)}.\n{_listed(found)}")

    async def aassert_notified(self, person: object, *, times: int | None = None, **expected: object) -> Notification:
        """`assert_notified` for async tests."""
        return await _aside(lambda: self.assert_notified(person, times=times, **expected))

    async def aassert_not_notified(self, person: object = None, **expected: object) -> None:
        """`assert_not_notified` for async tests."""
        await _aside(lambda: self.assert_not_notified(person, **expected))

    @property
    def _rows(self) -> list[Notification]:
        return self._read() if self._kept is None else self._kept

    def _read(self) -> list[Notification]:
        if not Fanout.objects.filter(finished_at=None).exists():
            return self._stored()
        # The real expansion, taken back: what each recipient is going to read.
        with transaction.atomic(using=log.alias()):
            while actions.expand_fanouts():
                pass
            rows = self._stored()
            transaction.set_rollback(True, using=log.alias())
        return rows

    def _stored(self) -> list[Notification]:
        rows = Notification.objects.select_related("user", "actor").order_by("created_at", "number", "pk")
        return [row for row in rows if row.pk not in self._before and row.source not in self._fanouts]


class _Capture:
    """Opens and closes a Captured around a block or a test."""

    def __init__(self) -> None:
        self._captured = Captured()

    def __enter__(self) -> Captured:
        self._captured.open()
        return self._captured

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # A failing test may have left a transaction that answers no question any more.
        if kind is None:
            self._captured.close()

    async def __aenter__(self) -> Captured:
        return await _aside(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _aside(lambda: self.__exit__(kind, error, trace))

    def __call__(self, test: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a test: it gets the Captured as one more argument, the last."""
        if isinstance(test, type):
            raise TypeError("decorate the test methods, not their class")

        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> Any:
            with _Capture() as captured:
                return test(*args, captured, **kwargs)

        @functools.wraps(test)
        async def arun(*args: Any, **kwargs: Any) -> Any:
            async with _Capture() as captured:
                return await test(*args, captured, **kwargs)

        decorated: Any = arun if inspect.iscoroutinefunction(test) else run
        signature = inspect.signature(test)
        # pytest would take the last argument for a fixture.
        decorated.__signature__ = signature.replace(parameters=list(signature.parameters.values())[:-1])
        return cast(Callable[..., Any], decorated)


def capture_notifications() -> _Capture:
    """Collect what is made in a `with` or `async with` block, or in a decorated test, as a Captured."""
    return _Capture()


async def _aside(work: Callable[[], _R]) -> _R:
    """Do this where async code has its database work done, and leave no connection behind that the test's end would wait for."""

    def run() -> _R:
        try:
            return work()
        finally:
            close_connections()

    return await sync_to_async(run)()


def _is_for(row: Notification, person: object) -> bool:
    return str(row.user_id) == str(person.pk if isinstance(person, Model) else person)


def _differences(row: Notification, expected: Mapping[str, object]) -> list[str]:
    """The names of what is not as expected."""
    return [name for name, wanted in expected.items() if not _fits(_value(row, name), wanted)]


def _value(row: Notification, name: str) -> Any:
    names = [field.name for field in Notification._meta.concrete_fields]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        raise TypeError(f"a notification has no {name!r}{f'; is it {near[0]!r}?' if near else ''}")
    return getattr(row, name)


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.search(str(value)) is not None
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(_fits(value.get(key, _NOTHING), inner) for key, inner in wanted.items())
    if isinstance(value, Model) and not isinstance(wanted, Model):
        return str(value.pk) == str(wanted)
    return bool(value == wanted) or bool(value == _as_stored(wanted))


def _as_stored(value: Any) -> Any:
    """A date or a number as JSON carries it."""
    try:
        return msgspec.to_builtins(value, enc_hook=str)
    except (TypeError, ValueError):
        return _NOTHING


def _name(person: object) -> str:
    username = getattr(person, "get_username", None)
    return str(username()) if username else f"user {person}"


def _of(expected: Mapping[str, object]) -> str:
    return " with " + ", ".join(f"{name}={value!r}" for name, value in expected.items()) if expected else ""


def _listed(rows: Sequence[Notification], person: object = None, expected: Mapping[str, object] | None = None) -> str:
    if not rows:
        return "No notification was made."
    lines = [f"{len(rows)} made:"]
    for number, row in enumerate(rows[:_SHOWN], start=1):
        told = [f"{row.kind or row.type}", repr(row.title), *([row.url] if row.url else [])]
        line = f"  {number}. {row.user.get_username()}: {' · '.join(told)}"
        wrong = _differences(row, expected or {}) if person is not None and _is_for(row, person) else []
        lines.append(line + "".join(f"\n       {name} is {_value(row, name)!r}" for name in wrong))
    if len(rows) > _SHOWN:
        lines.append(f"  … and {len(rows) - _SHOWN} more")
    return "\n".join(lines)
