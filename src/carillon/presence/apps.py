"""Presence as a Django app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.core import checks

from carillon.conf import require_apps


class CarillonPresenceConfig(AppConfig):
    """Presence of Carillon."""

    name = "carillon.presence"
    label = "carillon_presence"
    verbose_name = "Carillon presence"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say which app is missing, before a model of it fails."""
        require_apps(self.name, "carillon.people", "carillon.realtime", "carillon.jobs")
        super().import_models()

    def ready(self) -> None:
        """Observe the connections of this process, and let socket clients watch and be seen."""
        import_module("carillon.presence.commands")
        import_module("carillon.presence.topics")
        from carillon.people.activity import register_activity
        from carillon.presence import checks as own
        from carillon.presence import process, queries

        checks.register(own.check_values)
        checks.register(own.check_store)
        register_activity(queries.active)
        process.begin()
