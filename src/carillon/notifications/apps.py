"""Notifications as a Django app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from carillon.conf import require_apps


class CarillonNotificationsConfig(AppConfig):
    """Notifications of Carillon."""

    name = "carillon.notifications"
    label = "carillon_notifications"
    verbose_name = _("Carillon notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say which app is missing, before a model of it fails."""
        require_apps(self.name, "carillon.people", "carillon.realtime", "carillon.jobs")
        super().import_models()

    def ready(self) -> None:
        """Let socket clients send the commands of this feature, and messages to groups ring for what they name."""
        import_module("carillon.notifications.commands")
        from django.core import checks

        from carillon.notifications import actions
        from carillon.notifications import checks as own
        from carillon.notifications.actions.sets import hold
        from carillon.people.accounts import before_deletion
        from carillon.realtime.claims import register_ring

        register_ring("user", actions.ring)
        before_deletion(hold, self.name)
        checks.register(own.check_outlets)
        checks.register(own.check_mail)
