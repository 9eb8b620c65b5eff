"""The Django app of background work; importing the `jobs` module of each Carillon app registers its sweeps."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class CarillonJobsConfig(AppConfig):
    """Background work of Carillon."""

    name = "carillon.jobs"
    label = "carillon_jobs"
    verbose_name = "Carillon jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Discover `<app>.jobs` of Carillon's own apps; hosts import theirs from their own `ready`."""
        for config in apps.get_app_configs():
            if config.name.startswith("carillon.") and config.module and module_has_submodule(config.module, "jobs"):
                import_module(f"{config.name}.jobs")
