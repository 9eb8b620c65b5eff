"""Push for those who are not there: sockets reach whoever is active, and the host's provider the rest (REQUIREMENTS 004-46)."""

from __future__ import annotations

from carillon.notifications.outlets.webhook import Webhook


class Push(Webhook):
    """The same post, for those alone who are not active; the host's end knows their devices."""

    name = "push"
    is_for_inactive = True
