"""`carillon notify alice "Bonjour"`: the same as `carillon_notify`, under the name the ready-made server gives it."""

from __future__ import annotations

from carillon.notifications.management.commands.carillon_notify import Command as CarillonNotify


class Command(CarillonNotify):
    """Notifies people from a shell."""
