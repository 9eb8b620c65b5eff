"""The kernel as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from carillon.conf import check_settings, require_apps


class CarillonRealtimeConfig(AppConfig):
    """Tables and checks of the kernel."""

    name = "carillon.realtime"
    label = "carillon_realtime"
    verbose_name = "Carillon"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say which app is missing, before a model of it fails."""
        require_apps(self.name, "carillon.jobs")
        super().import_models()

    def ready(self) -> None:
        """Register the system checks."""
        from carillon.realtime import checks as own

        checks.register(check_settings)
        checks.register(own.check_database)
        checks.register(own.check_time_zones)
        checks.register(own.check_values)
        checks.register(own.check_channel_layer)
        checks.register(own.check_channels_redis)
        checks.register(own.check_query_tokens, deploy=True)
