"""Topics of presence: `presence:conversation.7` tells of the members of `conversation:7`, to the members."""

from __future__ import annotations

from carillon.presence import visibility
from carillon.realtime.identity import Identity
from carillon.realtime.topic import Access, Topic, register_topic

KIND = "presence"
# What a watcher is told; it is no topic that one subscribes to.
WATCHED = Topic(KIND, "watch")


def topic_of(group: str) -> Topic:
    """The topic of a group such as `conversation:7`: the key of a topic holds no colon."""
    return Topic(KIND, group.replace(":", ".", 1))


def group_of(topic: Topic) -> str:
    """The group whose topic this is."""
    return topic.key.replace(".", ":", 1)


def may_follow(identity: Identity, key: str) -> Access | None:
    """Members may; where the host says who sees whom, those who may see them all."""
    group = group_of(Topic(KIND, key))
    members = visibility.members_of([group])[group]
    if identity.person not in members:
        return None
    if visibility.is_replaced() and visibility.visible(identity.person, members) != members:
        return None
    return Access()


register_topic(KIND, may_follow)
