"""carillon_service_key: makes, lists and revokes the keys of other back ends."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from carillon.errors import CarillonError
from carillon.people.actions import create_key, revoke_key
from carillon.people.models import SCOPES, ServiceKey


class Command(BaseCommand):
    """Keys with which other back ends post notifications and map people."""

    help = "Make, list and revoke the keys of other back ends. A key is shown once, when it is made."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """create, list or revoke."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key and print it, this once")
        create.add_argument("name", help="whose key it is, and for what")
        create.add_argument("--namespace", required=True, help="the system whose ids for people it uses: billing, crm…")
        create.add_argument("--scope", action="append", required=True, choices=SCOPES, help="may be given again")
        create.add_argument("--rate", type=int, default=600, help="requests a minute (default: 600)")
        create.add_argument("--days", type=float, help="days until it expires (default: never)")
        verbs.add_parser("list", help="every key; secrets are not kept")
        verbs.add_parser("revoke", help="end a key").add_argument("prefix", help="what stands before the point: ck_…")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Carry it out."""
        try:
            {"create": self._create, "list": self._list, "revoke": self._revoke}[verb](options)
        except CarillonError as error:
            raise CommandError(error.message) from error

    @sensitive_variables()
    def _create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        _, credential = create_key(
            options["name"],
            options["namespace"],
            options["scope"],
            rate_per_minute=options["rate"],
            expires_at=None if days is None else timezone.now() + dt.timedelta(days=days),
        )
        # On its own line of stdout, for a script that puts it where secrets are kept.
        self.stderr.write("Keep it well, it is not shown again. It is sent as Authorization: Api-Key <it>")
        self.stdout.write(credential)

    def _list(self, options: dict[str, Any]) -> None:
        for key in ServiceKey.objects.order_by("namespace", "created_at"):
            self.stdout.write(
                f"{key.prefix}  {key.namespace}  {key.name}  {' '.join(key.scopes)}  {key.rate_per_minute}/min  {_state(key)}"
            )

    def _revoke(self, options: dict[str, Any]) -> None:
        key = revoke_key(options["prefix"])
        self.stdout.write(f"{key} is revoked.")


def _state(key: ServiceKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at and key.expires_at <= timezone.now():
        return f"expired {key.expires_at:%Y-%m-%d}"
    return f"last used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
