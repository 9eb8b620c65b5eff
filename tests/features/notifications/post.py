"""An outlet of the tests' own, which remembers what it was given and fails as it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from carillon.notifications import kinds, register_kind
from carillon.notifications.models import Delivery
from carillon.notifications.outlets.base import Outgoing, Send

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

# What was handed over, by key; and what is raised instead, by title.
given: list[Outgoing] = []
failures: dict[str, Callable[[], Exception]] = {}


def begin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that leaves by an outlet of these, and one that does not."""
    ours = {"pigeon": f"{__name__}.Pigeon", "owl": f"{__name__}.Owl"}
    settings.CARILLON = {**settings.CARILLON, "OUTLETS": ours}
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind("late", {"fr": ("{{ what }} en retard", "")}, outlets=["pigeon"])
    register_kind("quiet", {"fr": ("{{ what }}", "")})
    forget()


def states(**wanted: Any) -> list[tuple[str, str]]:
    """(state, reason) of the deliveries, in the order in which they were made."""
    return list(Delivery.objects.filter(**wanted).order_by("pk").values_list("state", "reason"))


def titles() -> list[str]:
    """Of what was handed over, in order."""
    return [item.notification.title for item in given]


def forget() -> None:
    """Begin anew."""
    given.clear()
    failures.clear()


class Pigeon:
    """Waits a minute, but for warnings, and carries everything."""

    is_for_inactive = False
    rings_again = True

    def delay_of(self, severity: str) -> float:
        return 0.0 if severity == "warning" else 60.0

    @contextmanager
    def open(self) -> Iterator[Send]:
        yield self._send

    def _send(self, item: Outgoing) -> None:
        failure = failures.get(item.notification.title)
        if failure is not None:
            raise failure()
        given.append(item)


class Owl(Pigeon):
    """The same for those who are not active, once for each notification."""

    is_for_inactive = True
    rings_again = False
