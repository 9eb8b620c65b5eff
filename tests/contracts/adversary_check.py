"""What writers put down against what a reader put down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    """What is wrong (nothing: empty lists), how often each way of writing ended in which manner."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    ghosts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    how: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)


def collect(writers: Sequence[Path], seen: Path) -> Outcome:
    """Compare: each committed event was seen once, at consecutive offsets, and nothing else was seen."""
    outcome = Outcome()
    told: set[tuple[str, str]] = set()
    for path in writers:
        for done in json.loads(path.read_text()):
            outcome.how[done["how"]] += 1
            outcome.ways[done["way"]] += 1
            if done["how"] == "committed":
                told.update((topic, name) for topic, name in done["told"])
            elif done["how"].startswith("error"):
                outcome.errors.append(f"{done['way']}: {done['how']}")
    heard: Counter[tuple[str, str]] = Counter()
    for topic, events in json.loads(seen.read_text()).items():
        heard.update((topic, name) for _, name in events)
        offsets = [offset for offset, _ in events]
        outcome.holes += [
            f"{topic}@{there}" for here, there in zip([0, *offsets], offsets, strict=False) if there != here + 1
        ]
    outcome.lost = sorted(name for topic, name in told - heard.keys())
    outcome.ghosts = sorted(name for topic, name in heard.keys() - told)
    outcome.repeated = sorted(name for (topic, name), count in heard.items() if count > 1)
    return outcome
