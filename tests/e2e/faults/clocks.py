"""A wall clock that is wrong by what a file says, for one whole process; time that only goes forward is left alone."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import time_machine

_LOOK_EVERY = 0.1


def follow(path: str) -> None:
    """Keep this process's clock as wrong as the file says, for as long as the process lives."""
    threading.Thread(target=_follow, args=[Path(path)], daemon=True).start()


def _follow(path: Path) -> None:
    traveller: time_machine.travel | None = None
    present = ""
    # The event is never set: it waits by the clock that does not jump.
    while not threading.Event().wait(_LOOK_EVERY):
        wanted = path.read_text().strip() if path.exists() else ""
        if wanted == present:
            continue
        if traveller is not None:
            traveller.stop()
        traveller = time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(wanted or 0)), tick=True)
        traveller.start()
        present = wanted
