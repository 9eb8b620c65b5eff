"""Where notifications are announced: on their person's own topic, which only that person may follow."""

from __future__ import annotations

from carillon.realtime.topic import Topic, user_topic


def topic_of(user: object) -> Topic:
    """The topic of a person's notifications, by their key."""
    return user_topic(user)
