"""The arithmetic of the tables: quantiles, medians with their spread, ratios."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def quantile(samples: Sequence[float], share: float) -> float:
    """The sample below which that share of them lies; raises ValueError where there is none."""
    if not samples:
        raise ValueError("no samples")
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))]


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """Of at least one figure; raises StatisticsError for none."""
        each = list(figures)
        return cls(statistics.median(each), min(each), max(each))

    def __str__(self) -> str:
        if self.low == self.high:
            return short(self.median)
        return f"{short(self.median)} ({short(self.low)}–{short(self.high)})"


def per_cpu(found: dict[str, float]) -> float:
    """Deliveries per second of the processors that worked for it."""
    return found["deliveries"] / max(found["cpu"], 0.0001)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios round by round: what slows both in one round does not count."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=False))


def short(figure: float) -> str:
    """As people read it: 266 k, 1,657 k, 4.7 k, 12.3, 0.45."""
    if figure >= 100_000:
        return f"{figure / 1000:,.0f} k"
    if figure >= 1000:
        return f"{figure / 1000:.1f} k"
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
