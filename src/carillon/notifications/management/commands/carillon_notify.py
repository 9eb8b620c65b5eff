"""carillon_notify: notify someone from a shell; their open browsers ring."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from carillon.errors import CarillonError
from carillon.notifications.actions import notify
from carillon.notifications.models import SEVERITIES


class Command(BaseCommand):
    """Notifies one person or several."""

    help = 'Notify people: carillon_notify alice "Bonjour". Works beside running servers; their sockets hear of it.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """User names, then the sentence."""
        parser.add_argument("usernames", nargs="+", metavar="username", help="whom to notify")
        parser.add_argument("title", help="what happened, in one sentence")
        parser.add_argument("--message", default="", help="one more line")
        parser.add_argument("--url", default="", help="what a click opens: a path, or an http(s) address")
        parser.add_argument("--type", default="system", help="message, email, contact, event, system or one of yours")
        parser.add_argument("--severity", default="info", choices=SEVERITIES)
        parser.add_argument("--actor", default="", metavar="username", help="who caused it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Notify and print what was stored."""
        model = get_user_model()

        def user_of(name: str) -> Any:
            try:
                return model._default_manager.get_by_natural_key(name)
            except model.DoesNotExist:
                raise CommandError(f"Nobody is called {name!r}.") from None

        words = {name: options[name] for name in ("title", "message", "url", "type", "severity")}
        actor = user_of(options["actor"]) if options["actor"] else None
        try:
            sent = notify([user_of(name) for name in options["usernames"]], actor=actor, **words)
        except CarillonError as error:
            raise CommandError(error.message) from error
        for row in sent.notifications:
            self.stdout.write(f"{row.pk} for {row.user.get_username()}: {row.title}")
        if sent.fanout_id:
            self.stdout.write(f"fan-out {sent.fanout_id} is under way")
        if sent.held:
            self.stderr.write(f"the brake held back {sent.held}")
