"""The overview of kinds: their words in each language, and what became of what was sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from carillon.conf import settings
from carillon.notifications import kinds
from carillon.notifications.admin.samples import parameters_of, sample
from carillon.notifications.admin.sending import language_name
from carillon.notifications.kinds import Kind, Rendered, Text
from carillon.notifications.models import Notification


@dataclass(frozen=True)
class Figures:
    """How many were made in a day and in a week, and how many of the week's were read."""

    day: int = 0
    week: int = 0
    read: int = 0

    @property
    def share(self) -> int | None:
        """The read share of the week in per cent; None where nothing was sent."""
        return round(100 * self.read / self.week) if self.week else None


@dataclass(frozen=True)
class Wording:
    """A kind in one language; `text` is None where it does not speak it."""

    language: str
    name: str
    text: Text | None
    example: Rendered


@dataclass(frozen=True)
class Row:
    """A kind in the overview."""

    kind: Kind
    parameters: list[str]
    wordings: list[Wording]
    figures: Figures

    @property
    def missing(self) -> list[str]:
        """The languages that it does not speak."""
        return [wording.name for wording in self.wordings if wording.text is None]


@dataclass(frozen=True)
class Overview:
    """Every registered kind, by name; and what was sent within a week under none, or under one not registered here."""

    rows: list[Row]
    strays: dict[str, Figures]


def overview() -> Overview:
    """What there is, and what became of it."""
    figures, known = _figures(), sorted(kinds.registered_kinds().items())
    rows = [Row(kind, parameters_of(kind), _wordings(kind), figures.pop(name, Figures())) for name, kind in known]
    return Overview(rows, dict(sorted(figures.items())))


def _wordings(kind: Kind) -> list[Wording]:
    return [
        Wording(language, language_name(language), kind.texts.get(language), sample(kind, language))
        for language in settings.LANGUAGES
    ]


def _figures() -> dict[str, Figures]:
    now = timezone.now()
    rows = (
        Notification.objects.filter(created_at__gt=now - dt.timedelta(days=7))
        .order_by()
        .values_list("kind")
        .annotate(
            day=Count("pk", filter=Q(created_at__gt=now - dt.timedelta(days=1))),
            week=Count("pk"),
            read=Count("pk", filter=Q(is_read=True)),
        )
    )
    return {kind: Figures(day, week, read) for kind, day, week, read in rows}
