"""What goes through Redis can be watched with its own tools (REQUIREMENTS 002-34)."""

from __future__ import annotations

import datetime as dt

from redis import Redis

from carillon.realtime.brokers.redis import RedisBroker
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic
from tests.support import redis
from tests.support.covers import covers


@covers("002-34")
def test_a_monitor_sees_the_hints() -> None:
    broker = RedisBroker(redis.shared_url())
    event = Event(topic=Topic("conversation", "watched"), type="fact", data=b"{}", at=dt.datetime.now(dt.UTC))
    with Redis.from_url(redis.shared_url()) as client, client.monitor() as monitor:
        broker.publish([event])
        seen = next(entry["command"] for entry in monitor.listen() if "conversation:watched" in entry["command"])
    assert "PUBLISH" in seen.upper()
