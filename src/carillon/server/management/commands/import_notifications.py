"""`carillon import_notifications`: the same as `carillon_import_notifications`, under the name the ready-made server gives it."""

from __future__ import annotations

from carillon.notifications.management.commands.carillon_import_notifications import Command as CarillonImport


class Command(CarillonImport):
    """Takes over what another package stored."""
