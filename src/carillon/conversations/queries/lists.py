"""Pages: of somebody's list, and of the messages of a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from carillon.conversations.contacts import matching
from carillon.conversations.models import Membership, Message
from carillon.conversations.queries.places import memberships_of
from carillon.errors import invalid_value
from carillon.rest.pages import DEFAULT_LIMIT, page_request

# A badge does not tell a thousand from more.
MOST_UNREAD = 1000


class ListRequest(msgspec.Struct, frozen=True):
    """Which page of a list: at most `limit` lines below the one with this activity and key."""

    before: tuple[int, int] | None = None
    limit: int = DEFAULT_LIMIT


def list_request(query: Mapping[str, str]) -> ListRequest:
    """Read `cursor` and `limit` of a query string; raises Invalid naming the one that is wrong."""
    limit = page_request({"limit": query.get("limit", "")}).limit
    cursor = query.get("cursor")
    return ListRequest(_before(cursor) if cursor else None, limit)


def read_list(user: Any, text: str, request: ListRequest) -> tuple[list[Membership], str | None]:
    """A page of somebody's list, latest activity first, and the cursor of the next."""
    rows = memberships_of(user)
    if text:
        people = matching(get_user_model()._default_manager.exclude(pk=user), text).values("pk")
        named = Membership.objects.filter(user__in=people, left_at__isnull=True).values("conversation")
        rows = rows.filter(Q(conversation__title__icontains=text) | Q(conversation__in=named))
    if request.before is not None:
        activity, key = request.before
        rows = rows.filter(
            Q(conversation__activity__lt=activity) | Q(conversation__activity=activity, conversation__lt=key)
        )
    found = list(rows.order_by("-conversation__activity", "-conversation")[: request.limit + 1])
    if len(found) <= request.limit:
        return found, None
    last = found[request.limit - 1].conversation
    return found[: request.limit], cursor_of(last.activity, last.pk)


def read_unread(user: Any) -> list[tuple[int, int]]:
    """The conversations that count for somebody's badge, and how many messages are unread in each; one statement.

    A muted one counts only when it mentions them. At most MOST_UNREAD, latest activity first.
    """
    read = Greatest("mark__up_to", "visible_from")
    rows = Membership.objects.filter(user=user, left_at__isnull=True).annotate(
        unread=F("conversation__last_seq") - read
    )
    rings = Q(muted_until__isnull=True) | Q(muted_until__lte=timezone.now()) | Q(mentioned_seq__gt=read)
    found = rows.filter(rings, unread__gt=0).order_by("-conversation__activity", "-conversation")
    return list(found.values_list("conversation", "unread")[:MOST_UNREAD])


def cursor_of(activity: int, key: int) -> str:
    """The cursor of the page that goes on below this line."""
    return f"{activity:x}-{key:x}"


def _before(cursor: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9a-f]{1,15})-([0-9a-f]{1,15})", cursor)
    if match is None:
        raise invalid_value("cursor", "not a cursor of ours")
    return int(match[1], 16), int(match[2], 16)


class Messages(msgspec.Struct, frozen=True):
    """Messages in order, and whether there are more on either side."""

    rows: list[Message]
    has_before: bool
    has_after: bool


class WindowRequest(msgspec.Struct, frozen=True):
    """Which messages: the newest, those on one side of a number, or those around it; at most `limit`."""

    side: str = ""
    seq: int = 0
    limit: int = DEFAULT_LIMIT


def window_request(query: Mapping[str, str]) -> WindowRequest:
    """Read `before`, `after` or `around`, and `limit`, of a query string; raises Invalid naming what is wrong."""
    given = [side for side in ("before", "after", "around") if query.get(side)]
    if len(given) > 1:
        raise invalid_value(given[1], f"not together with {given[0]}")
    limit = page_request({"limit": query.get("limit", "")}).limit
    if not given:
        return WindowRequest(limit=limit)
    text = query[given[0]]
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) < 2**53):
        raise invalid_value(given[0], "the number of a message expected")
    return WindowRequest(given[0], int(text), limit)


def read_window(membership: Membership, request: WindowRequest) -> Messages:
    """The messages that a member wants to see, of those that they may; one statement, two around a number."""
    rows = Message.objects.filter(conversation=membership.conversation_id, seq__gt=membership.visible_from)
    if request.side == "after":
        found = list(rows.filter(seq__gt=request.seq).order_by("seq")[: request.limit + 1])
        first = found[0].seq if found else request.seq + 1
        return Messages(found[: request.limit], first > membership.visible_from + 1, len(found) > request.limit)
    if request.side == "around":
        half = request.limit // 2
        older = list(rows.filter(seq__lt=request.seq).order_by("-seq")[: half + 1])
        newer = list(rows.filter(seq__gte=request.seq).order_by("seq")[: request.limit - half + 1])
        kept = newer[: request.limit - half]
        return Messages([*reversed(older[:half]), *kept], len(older) > half, len(newer) > len(kept))
    if request.side == "before":
        rows = rows.filter(seq__lt=request.seq)
    found = list(rows.order_by("-seq")[: request.limit + 1])
    kept = found[: request.limit][::-1]
    end = kept[-1].seq if kept else membership.visible_from
    is_end = not request.side or end >= membership.conversation.last_seq
    return Messages(kept, len(found) > request.limit, not is_end)
