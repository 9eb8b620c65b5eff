"""Commands of a host, for tests of buttons: what they were called with, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carillon.notifications import Button, pressed
from carillon.notifications.models import Notification

YES = Button("yes", {"fr": "Oui", "en": "Yes"}, command="tests.answer", data={"seat": 3}, style="primary")
NO = Button("no", {"fr": "Non", "en": "No"}, command="tests.answer", done={"fr": "Décliné", "en": "Declined"})
LINK = Button("see", "Voir", url="/voir")


class Host:
    """The host's side: `calls` are what the command was called with, `work` is what it does, if anything."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, str, dict[str, Any]]] = []
        self.work: Callable[[Any, Notification, dict[str, Any]], str | None] | None = None

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]


host = Host()


@pressed("tests.answer")
def answer(user: Any, notification: Notification, data: dict[str, Any]) -> str | None:
    """Note the call and do the host's work."""
    host.calls.append((user.pk, notification.pk, data))
    return host.work(user, notification, data) if host.work else None
