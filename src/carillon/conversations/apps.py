"""Conversations as a Django app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from carillon.conf import require_apps


class CarillonConversationsConfig(AppConfig):
    """Conversations of Carillon."""

    name = "carillon.conversations"
    label = "carillon_conversations"
    verbose_name = _("Carillon conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say which app is missing, before a model of it fails."""
        require_apps(
            self.name,
            "carillon.notifications",
            "carillon.presence",
            "carillon.people",
            "carillon.realtime",
            "carillon.jobs",
        )
        super().import_models()

    def ready(self) -> None:
        """Let people follow their conversations, send commands, and be seen by those they talk with."""
        from carillon.conversations import actions, kinds, topics
        from carillon.people.accounts import before_deletion

        import_module("carillon.conversations.commands")
        kinds.register()
        topics.register()
        before_deletion(actions.depart, self.name)
