"""`carillon service_key create …`: the same as `carillon_service_key`, under the name the ready-made server gives it."""

from __future__ import annotations

from carillon.people.management.commands.carillon_service_key import Command as CarillonServiceKey


class Command(CarillonServiceKey):
    """Keys of other back ends."""
