"""Where source 004 answers (REQUIREMENTS 004-07, 004-08)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from carillon.conf import settings
from carillon.dialects.dating.frames import ConversationDialect, NotificationsDialect
from carillon.errors import NotFound
from carillon.realtime.dialect import Opening, Route
from carillon.realtime.topic import Topic

_PREFIX = re.escape(settings.SOCKET_PREFIX)
_ID = re.compile(r"[0-9]{1,18}")


def _conversation(groups: Mapping[str, str]) -> Opening:
    """The conversation that the address names."""
    found = _ID.fullmatch(groups["conversation_id"])
    if found is None:
        raise NotFound("not_found", "There is no such conversation.")
    id = int(found[0])
    return Opening(topics=(Topic("conversation", str(id)),), data={"conversation": id})


ROUTES = (
    Route(
        re.compile(_PREFIX + "conversations/(?P<conversation_id>[^/]+)/"), ConversationDialect(), opens=_conversation
    ),
    Route(re.compile(_PREFIX + "notifications/"), NotificationsDialect(), wants_token=True),
)
