"""The event log on both databases: offsets without gaps, epochs, retention."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from carillon.realtime import log
from carillon.realtime.drafts import Draft
from carillon.realtime.event import Head, Position
from carillon.realtime.jobs import trim_log
from carillon.realtime.models import StagedEvent, StoredEvent, TopicHead
from carillon.realtime.topic import Topic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TALK, PLAN = Topic("conversation", "1"), Topic("project", "2")
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def epoch() -> str:
    return log.bump_epoch()


def draft(topic: Topic = TALK, text: str = "x", at: dt.datetime = NOW, revokes: tuple[str, ...] = ()) -> Draft:
    moment = round(at.timestamp() * 1000)
    return Draft(topic=topic, type="test.happened", data=f'{{"t":"{text}"}}'.encode(), at=moment, revokes=revokes)


def append(*drafts: Draft) -> list[int]:
    with transaction.atomic():
        return [event.offset for event in log.append(list(drafts))]


def test_offsets_are_consecutive_in_each_topic(epoch: str) -> None:
    assert append(draft(TALK), draft(PLAN), draft(TALK), draft(TALK)) == [1, 1, 2, 3]
    assert append(draft(PLAN)) == [2]
    assert log.head(TALK) == Head(f"{epoch}.0", 3, 0)
    assert log.head(PLAN).position == Position(f"{epoch}.0", 2)


def test_an_event_comes_back_as_it_went_in(epoch: str) -> None:
    at = dt.datetime(2026, 2, 28, 23, 59, 59, 987_000, tzinfo=dt.UTC)
    with transaction.atomic():
        (written,) = log.append([draft(text="é \u202e 😀 \\u00e9", at=at, revokes=("7", "session:é"))])
    (read,) = log.read(TALK, 0, 10).events
    assert read == written
    assert (read.at, read.revokes, read.epoch) == (at, ("7", "session:é"), f"{epoch}.0")


def test_nothing_is_appended_of_nothing() -> None:
    assert append() == []
    assert TopicHead.objects.count() == 0


def test_a_rolled_back_append_leaves_no_hole() -> None:
    append(draft())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.append([draft(), draft()])
        raise ZeroDivisionError
    assert append(draft()) == [2]


def test_reading_begins_after_an_offset_and_ends_at_a_limit() -> None:
    append(*[draft(text=str(n)) for n in range(1, 11)])
    assert [event.offset for event in log.read(TALK, 4, 3).events] == [5, 6, 7]
    assert [event.offset for event in log.read(TALK, 9, 500).events] == [10]
    past = log.read(TALK, 10, 500)
    assert (past.events, past.head.offset) == ([], 10)
    assert log.read(TALK, 99, 500).events == []


def test_a_topic_without_events_has_a_position_too(epoch: str) -> None:
    fresh = Head(f"{epoch}.0", 0, 0)
    assert log.head(TALK) == fresh
    assert log.read(TALK, 0, 10).head == fresh
    append(draft())
    assert not log.head(TALK).refuses(fresh.position)


def test_the_heads_of_very_many_topics() -> None:
    topics = [Topic("user", str(n)) for n in range(2_500)]
    append(*[draft(topic) for topic in topics[::2]])
    found = log.heads(topics)
    assert len(found) == 2_500
    assert [found[topic].offset for topic in topics] == [1, 0] * 1_250
    assert log.heads([]) == {}


def test_very_many_events_at_once() -> None:
    assert append(*[draft(text=str(n)) for n in range(2_500)]) == list(range(1, 2_501))
    assert log.size() == 2_500


def test_trimming_by_number_raises_the_floor() -> None:
    append(*[draft() for _ in range(10)], draft(PLAN))
    assert log.trim(LONG_AGO, keep=4) == 1
    assert [event.offset for event in log.read(TALK, 0, 100).events] == [7, 8, 9, 10]
    head = log.head(TALK)
    assert (head.offset, head.floor) == (10, 6)
    assert [head.refuses(Position(head.epoch, offset)) for offset in (5, 6, 10)] == ["too_old", "", ""]
    assert log.head(PLAN).floor == 0
    assert log.trim(LONG_AGO, keep=4) == 0


def test_trimming_by_age() -> None:
    append(*[draft(at=NOW + dt.timedelta(days=day)) for day in range(5)])
    assert log.trim(NOW + dt.timedelta(days=2), keep=1_000) == 1
    assert [event.offset for event in log.read(TALK, 0, 100).events] == [3, 4, 5]
    assert log.trim(NOW + dt.timedelta(days=100), keep=1_000) == 1
    assert log.head(TALK).floor == log.head(TALK).offset == 5
    assert append(draft()) == [6]
    assert [event.offset for event in log.read(TALK, 5, 100).events] == [6]


def test_trimming_goes_on_in_batches_of_topics() -> None:
    append(*[draft(Topic("user", str(n)), at=LONG_AGO) for n in range(25)])
    counts = [log.trim(NOW, keep=10, limit=10) for _ in range(4)]
    assert (counts, log.size()) == ([10, 10, 5, 0], 0)


def test_retention_runs_by_itself() -> None:
    append(draft(at=LONG_AGO), draft(at=dt.datetime.now(dt.UTC)))
    assert trim_log() == 1
    assert log.head(TALK).floor == 1


def test_a_deleted_topic_begins_a_new_epoch(epoch: str) -> None:
    append(draft(), draft())
    log.delete_topic(TALK)
    assert log.head(TALK) == Head(f"{epoch}.1", 0, 0)
    assert log.read(TALK, 0, 10).events == []
    assert append(draft()) == [1]
    log.delete_topic(TALK)
    log.delete_topic(TALK)
    assert log.head(TALK).epoch == f"{epoch}.3"
    assert log.head(TALK).refuses(Position(f"{epoch}.0", 0)) == "epoch"


def test_deleting_takes_what_is_staged_with_it(epoch: str) -> None:
    log.stage([draft(), draft(PLAN)])
    log.delete_topic(TALK)
    assert [row.topic for row in StagedEvent.objects.all()] == [str(PLAN)]
    assert log.head(TALK).epoch == f"{epoch}.1"


def test_a_new_epoch_voids_every_position() -> None:
    append(draft(), draft())
    before = log.head(TALK)
    log.bump_epoch()
    after = log.head(TALK)
    assert after.refuses(before.position) == "epoch"
    assert (after.offset, after.floor) == (2, 0)
    assert {event.epoch for event in log.read(TALK, 0, 10).events} == {after.epoch}


def test_what_is_staged_comes_before_what_is_appended() -> None:
    log.stage([draft(text="staged 1"), draft(PLAN, "plan"), draft(text="staged 2")])
    with transaction.atomic():
        events = log.append([draft(text="own")])
    assert [(event.offset, event.data) for event in events] == [
        (1, b'{"t":"staged 1"}'),
        (2, b'{"t":"staged 2"}'),
        (3, b'{"t":"own"}'),
    ]
    assert log.staged_topics() == [PLAN]
    with transaction.atomic():
        assert [event.offset for event in log.append([], [PLAN, TALK])] == [1]
    assert log.staged_topics() == []


def test_recent_withdrawals_name_the_newest() -> None:
    append(draft(revokes=("old",)), *[draft() for _ in range(20)], draft(revokes=("7", "session:1")))
    assert log.recent_withdrawals([TALK, PLAN]) == {TALK: {"7", "session:1"}}


def test_the_database_itself_refuses_a_second_event_at_an_offset() -> None:
    append(draft())
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        StoredEvent.objects.create(topic=str(TALK), offset=1, type="x", data="{}", at=0)


def test_an_append_takes_as_few_statements_for_many_events_as_for_one() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as few:
        log.append([draft(), draft(PLAN)])
    with transaction.atomic(), CaptureQueriesContext(connection) as many:
        log.append([draft(topic) for topic in (TALK, PLAN) for _ in range(200)])
    assert len(few) == len(many) == (1 if connection.vendor == "postgresql" else 3)
