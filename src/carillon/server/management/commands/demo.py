"""`carillon demo`: the people and notifications of the demonstration; run again, it does nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from carillon.server import serving
from carillon.server.demo.people import SIGN_IN
from carillon.server.demo.seed import seed


class Command(BaseCommand):
    """Makes demo accounts whose password is their name."""

    help = "Make the demo accounts and their notifications, where CARILLON_DEMO is set."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, then say where to go and as whom."""
        if not settings.DEMO:
            raise CommandError("Demo accounts have their name as password: set CARILLON_DEMO=1 if you want them here.")
        made = seed()
        self.stdout.write(f"Demo accounts made: {made}." if made else "The demo accounts are there.")
        self.stdout.write(f"Carillon:      http://127.0.0.1:{serving.default_port()}/")
        self.stdout.write(f"Demo accounts: {', '.join(SIGN_IN)} (the password is the name)")
