"""Where the time of a message goes, on one database: `python -m bench.sends` prints a profile of each case as JSON.

A batch is 64 messages, as 64 sockets send them, without the sockets; what follows it is told to ten others each.
"""

from __future__ import annotations

import cProfile
import gc
import json
import pstats
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import writes
from carillon.conversations import actions as talk
from carillon.realtime.calls import Call

BATCHES, WARM, TOP = 60, 20, 18
Row = tuple[str, str, str, str]
Case = tuple[str, float, list[Row]]
_ROOT = Path(__file__).resolve().parents[1]


def cases() -> list[Case]:
    """What is profiled, the microseconds a message that it takes under the profiler, and its functions."""
    people = writes.prepare(0.0)
    pairs, groups = writes.conversations(people, 2), writes.conversations(people, 11)

    def say(talks: list[tuple[int, int]], where: str = "") -> None:
        items = [writes.message(talks, caller, where) for caller in range(writes.MANY)]
        calls = [Call(item, details=(None, lambda _: b"{}")) for item in items]
        talk.send_messages._perform(lambda: calls, lambda outcomes: None)

    # As the server has it.
    gc.collect()
    gc.freeze()
    return [
        _profiled("64 messages, each in a conversation of its own", partial(say, pairs)),
        _profiled("64 messages in one conversation", partial(say, pairs, "hot")),
        _profiled(
            "what 10 others are told of each of 64 messages", writes.follow_up, partial(say, groups), BATCHES // 6
        ),
    ]


def _profiled(
    name: str, work: Callable[[], object], before: Callable[[], object] = lambda: None, times: int = BATCHES
) -> Case:
    profile = cProfile.Profile()
    for number in range(WARM + times):
        before()
        if number >= WARM:
            profile.enable()
        work()
        profile.disable()
    found = pstats.Stats(profile)
    messages = times * writes.MANY
    rows = sorted(found.stats.items(), key=lambda item: -item[1][2])[:TOP]  # type: ignore[attr-defined]
    total = 1e6 * found.total_tt / messages  # type: ignore[attr-defined]
    return name, total, [_row(place, figures, messages) for place, figures in rows]


def _row(place: tuple[str, int, str], figures: tuple[int, int, float, float, object], messages: int) -> Row:
    file, _, function = place
    _, calls, own, within, _ = figures
    path = Path(file)
    parts = path.relative_to(_ROOT).parts[-2:] if path.is_relative_to(_ROOT) else path.parts[-2:]
    function = function.partition(" at 0x")[0].removeprefix("<function ")
    name = function if file == "~" else f"{'/'.join(parts)}:{function}"
    times = (f"{1e6 * seconds / messages:.1f}" for seconds in (own, within))
    return (f"`{name}`", *times, f"{calls / messages:.2f}")  # type: ignore[return-value]


if __name__ == "__main__":
    json.dump(cases(), sys.stdout)
