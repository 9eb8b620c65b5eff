"""What reading a conversation costs, short or long: `python -m bench.history` prints the table, in about a minute.

Opening, paging and jumping among 100,000 messages are to cost what they cost among 100; a list of 500 conversations
what one of 20 does.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.numbers import quantile
from bench.runs import figures_of

LONG, SHORT = 100_000, 100
MANY, FEW = 500, 20
ROUNDS = 40
HEADS = ("database", "what is read", "statements", "p50, ms", "p99, ms")
Line = tuple[str, ...]


def measure() -> list[Line]:
    """The rows of the table under HEADS, on both databases."""
    from tests.support import postgres

    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_history")}
    return [(name, *line) for name, url in databases.items() for line in figures_of("bench.history", url, "here")]


def read_here() -> list[Line]:
    """Fill the database of this process, and read in it."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    people: Any = get_user_model()._default_manager
    made = people.bulk_create(people.model(username=f"reader{n}", password="!") for n in range(MANY + 2))
    reader, other, *others = made
    found: list[Line] = []
    for size in (SHORT, LONG):
        found += _thread(reader, other, size)
        other = others[0]
    for size in (FEW, MANY):
        found += _list(reader, others[1:], size)
    return found


def _thread(reader: Any, other: Any, size: int) -> list[Line]:
    from carillon.conversations import actions
    from carillon.conversations.models import Conversation, Message

    talk = actions.open_direct(reader, other)
    senders = (reader.pk, other.pk)
    Message.objects.bulk_create(
        (
            Message(
                conversation=talk, seq=seq, sender_id=senders[seq % 2], client_id=f"{talk.pk}.{seq}", content="x" * 60
            )
            for seq in range(1, size + 1)
        ),
        batch_size=2000,
    )
    Conversation.objects.filter(pk=talk.pk).update(last_seq=size)
    base = f"/api/v1/conversations/{talk.pk}/"
    reads = {
        "opening": [base, f"{base}messages/"],
        "a page further up": [f"{base}messages/?before={size // 2}"],
        "jumping into the middle": [f"{base}messages/?around={size // 3}"],
    }
    return [_read(reader, f"{what}, {size:,} messages", urls) for what, urls in reads.items()]


def _list(reader: Any, others: list[Any], size: int) -> list[Line]:
    from carillon.conversations import actions

    for other in others[:size]:
        actions.send_message(reader, actions.open_direct(reader, other).pk, "x" * 60)
    while actions.follow_up():
        pass
    url = "/api/v1/conversations/?limit=30"
    return [_read(reader, f"the first 30 of a list of {size:,}", [url])]


def _read(reader: Any, what: str, urls: list[str]) -> Line:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import resolve
    from rest_framework.test import APIRequestFactory, force_authenticate

    requests = APIRequestFactory(HTTP_HOST="localhost")

    def ask() -> None:
        # The view itself, without middleware, in this thread, where its statements are counted.
        for url in urls:
            view, request = resolve(url.partition("?")[0]), requests.get(url)
            force_authenticate(request, reader)
            answer = view.func(request, *view.args, **view.kwargs).render()
            assert answer.status_code == 200, answer.content

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    times = sorted(_timed(ask) for _ in range(ROUNDS))
    figures = (f"{1000 * quantile(times, q):.1f}" for q in (0.5, 0.99))
    return (what, str(len(captured)), *figures)


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:] == ["here"]:
        json.dump(read_here(), sys.stdout)
    else:
        for row in [HEADS, tuple("---" for _ in HEADS), *measure()]:
            sys.stdout.write(f"| {' | '.join(row)} |\n")
