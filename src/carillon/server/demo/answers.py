"""An answer of the demonstration: a session is moved, or stays, and whoever proposed it is told."""

from __future__ import annotations

from typing import Any

from carillon.notifications import Button, notify, pressed
from carillon.notifications.models import Notification
from carillon.people.queries import person_of
from carillon.server.demo.kinds import MOVED, STAYED

MOVE_SESSION = "demo.move_session"

PROPOSAL = (
    Button(
        "accept",
        {"fr": "Accepter", "en": "Accept"},
        command=MOVE_SESSION,
        data={"moves": True},
        style="primary",
        done={"fr": "Séance déplacée à mardi, 17\u00a0h", "en": "Session moved to Tuesday, 5 pm"},
    ),
    Button(
        "keep",
        {"fr": "Garder lundi", "en": "Keep Monday"},
        command=MOVE_SESSION,
        data={"moves": False},
        done={"fr": "La séance reste lundi", "en": "The session stays on Monday"},
    ),
)


@pressed(MOVE_SESSION)
def move_session(user: Any, notification: Notification, data: dict[str, Any]) -> None:
    """Tell whoever proposed it; in this transaction, so that both stand or neither."""
    if notification.actor_id not in (None, user.pk):
        kind = MOVED if data.get("moves") else STAYED
        notify(notification.actor_id, kind, {"name": person_of(user).name}, actor=user)
