"""Topics: what is an address, and who may follow it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carillon.errors import Invalid
from carillon.realtime import topic as topics
from carillon.realtime.topic import Access, Topic, may_follow, register_topic, user_topic
from tests.kernel.fakes import identity

GOOD = [
    "user:42",
    "conversation:7",
    "system",
    "user:0b6c9f4e-35ba-4f3e-9d6e-5b8f3f4f7f10",
    "a:b.c-d_e",
    "x_y:1",
    "u:" + "k" * 100,
]
BAD = ["", ":", "user:", ":1", "User:1", "1user:1", "user:1:2", "user 1", "user:a b", "user:é", "user:-1", "user:1\n"]
BAD += ["x" * 33, "user:" + "k" * 101, "user:../x", "user:%s", "user:\0", "_x:1"]


@pytest.mark.parametrize("text", GOOD)
def test_a_topic_is_written_as_it_is_read(text: str) -> None:
    assert str(Topic.parse(text)) == text


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Topic.parse(text)
    assert caught.value.details[0]["field"] == "topic"


@given(st.text(max_size=40))
def test_what_is_accepted_is_stored_and_read_again(text: str) -> None:
    try:
        parsed = Topic.parse(text)
    except Invalid:
        return
    assert Topic.parse(str(parsed)) == parsed
    assert len(str(parsed)) <= 140


def test_topics_are_sorted_and_hashed_by_value() -> None:
    assert sorted([Topic("user", "2"), Topic("system"), Topic("user", "10")])[0] == Topic("system")
    assert len({Topic("user", "1"), user_topic(1)}) == 1


def test_everybody_follows_their_own_topic_and_nobody_elses() -> None:
    assert may_follow(identity("42"), user_topic(42)) == Access()
    assert may_follow(identity("42"), user_topic(43)) is None


def test_a_kind_that_nobody_registered_does_not_exist() -> None:
    assert may_follow(identity("42"), Topic("nowhere", "1")) is None


def test_a_kind_is_registered_once() -> None:
    def rule(*_: object) -> Access | None:
        return Access(3)

    def other(*_: object) -> Access | None:
        return None

    register_topic("kernel_test", rule)
    try:
        register_topic("kernel_test", rule)
        assert may_follow(identity("1"), Topic("kernel_test", "9")) == Access(3)
        with pytest.raises(ValueError, match="twice"):
            register_topic("kernel_test", other)
    finally:
        del topics._kinds["kernel_test"]
