"""What the peers written in Python share: the event, of about the same size as ours, and the topic in an address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from bench.servers.control import numbers


def tick(number: int, size: int) -> dict[str, Any]:
    """An event of a topic; `ts` is when its sending began, in ns of the monotonic clock."""
    data = {"ts": time.monotonic_ns(), "n": next(numbers[number]), "text": "x" * size}
    return {"type": "bench.tick", "topic": f"bench:{number}", "data": data}


def topic_of(scope: Mapping[str, Any]) -> str:
    """The topic's number in a query string, as `t`."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode())["t"][0]
