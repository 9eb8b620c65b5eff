"""Pressing: a button's command is carried out once, and everybody who shows the notification is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone, translation

from carillon.errors import Conflict, Invalid, NotFound
from carillon.notifications.actions.desk import Outcome, open_desk
from carillon.notifications.buttons import handler_of
from carillon.notifications.models import Notification
from carillon.notifications.queries import inbox_of
from carillon.notifications.topics import topic_of
from carillon.people.queries import preferences_of
from carillon.realtime import log
from carillon.realtime.outbox import action, in_transaction

LONGEST_TEXT = 255
_COLUMNS = ("pressed", "is_read", "read_at", "seen_at", "snoozed_until")


@action
def press(user: Any, id: str, name: str) -> Outcome:
    """Have a button's command carried out, and mark the notification pressed and read.

    Of two that press at once one carries it out, and the other gets what came of it: the outcome holds the notification
    as it stands. What the host's function writes, the change and its event are committed together or not at all; inside
    it a transaction is open as if the host had opened it, so that no inbox and no head is locked while it runs.
    Raises NotFound for another's notification as for none, Invalid where it has no such button, Conflict where nothing
    carries it out any more, and whatever CarillonError the function raises.
    """
    with transaction.atomic(using=log.alias()):
        outcome = _carry_out(user, id, name)
    if outcome.rows and not in_transaction():
        # What was staged is told by now; if locks did not come, the sweep tells it within moments.
        outcome.inbox = inbox_of(user)
        outcome.reached = log.head(topic_of(user)).position
    return outcome


@action
def settle_buttons(user: Any, chosen: str = "", *, id: str = "", dedupe_key: str = "", text: str = "") -> Outcome:
    """Say that the matter was settled elsewhere: the buttons of this person's notification go, and it is read.

    The notification is named by its `id` or its `dedupe_key`; `chosen` is the name of the button that it came down to, if
    any, and `text` what to say instead of it. Where there is none, or it is settled already, nothing happens.
    Raises Invalid where neither or both name it.
    """
    if bool(id) == bool(dedupe_key):
        raise Invalid("invalid", "Either an id or a dedupe_key names the notification.")
    user = user.pk if isinstance(user, Model) else user
    wanted = Q(pk=id) if id else Q(dedupe_key=dedupe_key)
    with open_desk(user, wanted) as desk:
        rows = list(desk.locked.filter(wanted, pressed__isnull=True).exclude(buttons=[]))
        desk.update(rows, lambda row: _settle(row, _button_of(row, chosen) if chosen else {}, text), _COLUMNS)
    return desk.outcome


def _carry_out(user: Any, id: str, name: str) -> Outcome:
    # The claim comes first: of two at once one waits for the other, and a transaction of SQLite begins as a writer.
    mine = Notification.objects.filter(user=user, pk=id)
    is_ours = bool(mine.filter(pressed__isnull=True).update(pressed={"name": name}))
    row = mine.select_related("user").first()
    if row is None:
        raise NotFound("not_found", "There is no such notification.")
    button = _button_of(row, name)
    text = _run(row, button) if is_ours else ""
    with open_desk(user, Q(pk=id)) as desk:
        # The function may have deleted it.
        rows = list(mine)
        if is_ours:
            desk.update(rows, lambda row: _settle(row, button, text), _COLUMNS)
        desk.outcome.rows = rows
    return desk.outcome


def _button_of(row: Notification, name: str) -> Mapping[str, Any]:
    for button in row.buttons:
        if button["name"] == name and button["command"]:
            return dict(button)
    raise Invalid(
        "invalid", "This notification has no such button.", details=[{"field": "action", "message": "unknown"}]
    )


def _run(row: Notification, button: Mapping[str, Any]) -> str:
    handler = handler_of(button["command"])
    if handler is None:
        raise Conflict("conflict", "This button does nothing any more.")
    with translation.override(preferences_of(row.user).language):
        return str(handler(row.user, row, dict(button["data"])) or "")


def _settle(row: Notification, button: Mapping[str, Any], text: str) -> bool:
    now = timezone.now()
    row.pressed = {
        "name": button.get("name", ""),
        "label": button.get("label", ""),
        "text": (text or button.get("done", ""))[:LONGEST_TEXT],
        "at": now.isoformat(),
    }
    row.is_read, row.read_at, row.seen_at = True, row.read_at or now, row.seen_at or now
    # It would ring again for a matter that is settled.
    row.snoozed_until = None
    return True
