"""bump_epoch: after a restore, tell every client that its position is void."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from carillon.realtime import log


class Command(BaseCommand):
    """Begins a new epoch of the event log."""

    help = "Begin a new epoch of the event log; mandatory after restoring a database. Clients fetch a fresh snapshot."

    def handle(self, *args: Any, **options: Any) -> None:
        """Store the epoch and print it."""
        self.stdout.write(f"The epoch is now {log.bump_epoch()}.")
