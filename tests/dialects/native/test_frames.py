"""What a frame of carillon.v1 says of an event."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from carillon.dialects.native.frames import NativeDialect
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("microseconds", "told"),
    [
        (0, "2026-01-02T03:04:05.000Z"),
        (1_000, "2026-01-02T03:04:05.001Z"),
        (120_000, "2026-01-02T03:04:05.120Z"),
        (999_999, "2026-01-02T03:04:05.999Z"),
    ],
)
def test_the_time_has_always_three_digits_after_the_second(microseconds: int, told: str) -> None:
    at = MOMENT.replace(microsecond=microseconds)
    event = Event(topic=Topic("user", "7"), type="test.happened", data=b'{"n":1}', at=at)
    assert json.loads(NativeDialect().encode_event(event)) == {
        "type": "test.happened",
        "topic": "user:7",
        "at": told,
        "data": {"n": 1},
    }
