"""A process beside the servers that writes through Python: notify() and halls, each write repeated until it is known to be done.

`python -m tests.e2e.faults.speaker <job>`: a JSON file with the writes and the place for what is acknowledged.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import DatabaseError, connection, connections  # noqa: E402

from carillon.errors import CarillonError  # noqa: E402
from carillon.notifications.actions import notify  # noqa: E402
from carillon.realtime.idempotency import run_once  # noqa: E402
from tests.e2e.faults import hall  # noqa: E402
from tests.e2e.faults.history import Ack, Sheet  # noqa: E402
from tests.e2e.faults.loads import Write  # noqa: E402

_BETWEEN_TRIES = 0.2


def main(writes: list[Write], path: Path, patience: float) -> None:
    """Write at the times that the job names, and put down what is done."""
    sheet, began = Sheet(path), time.time()
    for write in writes:
        time.sleep(max(0.0, began + write.at - time.time()))
        ack = _until_done(write, time.time() + patience)
        if ack is not None:
            sheet.add(ack)
            sheet.flush()
    sheet.close()


def _until_done(write: Write, deadline: float) -> Ack | None:
    began, attempts = time.time(), 0
    while True:
        attempts += 1
        try:
            topic, position = _notify(write) if write.person else _say(write)
        except (CarillonError, DatabaseError, OSError) as error:
            print(write.id, repr(error), flush=True)
            connections.close_all()
            if time.time() > deadline:
                return None
            time.sleep(_BETWEEN_TRIES)
        else:
            now = time.time()
            return Ack(write.id, topic, *position, at=now, took=now - began, attempts=attempts)
        finally:
            if connection.vendor == "postgresql":
                connection.close()


def _notify(write: Write) -> tuple[str, tuple[str, int]]:
    user = get_user_model()._default_manager.get(pk=write.person)
    # A dedupe key makes the repeat of a call whose outcome is unknown harmless.
    notify(user, title=write.id, message=write.text, dedupe_key=write.id)
    return f"user:{write.person}", ("", 0)


def _say(write: Write) -> tuple[str, tuple[str, int]]:
    words = hall.Say(write.hall, write.id, write.text)

    def work() -> Callable[[], bytes]:
        answer = hall.spoken(hall.say(words))
        return lambda: json.dumps([answer().epoch, answer().offset]).encode()

    epoch, offset = json.loads(run_once("speaker", "say", write.id, words, work)[0])
    return f"hall:{write.hall}", (epoch, offset)


if __name__ == "__main__":
    job = json.loads(Path(sys.argv[1]).read_text())
    main([Write(*each) for each in job["writes"]], Path(job["file"]), job["patience"])
