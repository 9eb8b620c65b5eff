"""Calls of a hot action that wait for one another, so that a test knows what is in its batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections

from carillon.realtime.calls import Call
from carillon.realtime.hot import Hot
from tests.support import processes


@contextmanager
def gathered(action: Hot[Any, Any]) -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Yields what begins a call in a thread of its own; they all wait, in this order, and are one batch when it ends."""
    leader, count = Call(None), 0
    assert action.writer._enter(leader)
    action.writer._take()
    with ThreadPoolExecutor(60) as pool:

        def begin(work: Callable[[], Any]) -> Future[Any]:
            nonlocal count
            count += 1

            def run() -> Any:
                try:
                    return work()
                finally:
                    connections.close_all()

            begun = pool.submit(run)
            processes.wait_for(lambda: len(action.writer._waiting) == count, f"call {count} to wait")
            return begun

        try:
            yield begin
        finally:
            action.writer._hand_over(leader)
