"""A host's process beside a running server: `python -m bench.host <people>` makes people; then each line on stdin is one call.

Each call notifies everyone; its answer, a line of JSON, has the seconds of the call, of all of it, and the statements of a batch.
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402

from carillon.notifications import notify  # noqa: E402
from carillon.notifications.models import Fanout  # noqa: E402
from carillon.people.audiences import everyone  # noqa: E402


def call() -> dict[str, float]:
    """Notify everyone with one call, and wait until the server has told the last of them."""
    started = time.perf_counter()
    sent = notify(everyone(), title="Your report is ready", message="It has 12 pages and can be downloaded for a week.")
    called = time.perf_counter() - started
    while Fanout.objects.filter(pk=sent.fanout_id, finished_at=None).exists():
        # Asking is a read, which waits for nobody; but it takes a little of the processor.
        time.sleep(0.02)
    return {"call": called, "all": time.perf_counter() - started}


def main(people: int) -> None:
    """Make people, say so, and call as often as asked."""
    model = get_user_model()
    model._default_manager.bulk_create(
        [model(username=f"crowd{n}", password="!") for n in range(people)], batch_size=1000
    )
    print(json.dumps({"vendor": connection.vendor}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(call()), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
