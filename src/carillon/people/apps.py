"""The Django app of people: tells the kernel how to verify credentials, and listens to Django's own logout."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from carillon.conf import require_apps


class CarillonPeopleConfig(AppConfig):
    """People of Carillon."""

    name = "carillon.people"
    label = "carillon_people"
    verbose_name = _("Carillon people")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say which app is missing, before a model of it fails."""
        require_apps(self.name, "carillon.realtime", "carillon.jobs")
        super().import_models()

    def ready(self) -> None:
        """Register the verifiers; a host's own logout view then closes that session's sockets too."""
        from django.contrib.auth.signals import user_logged_out

        from carillon.people import credentials

        credentials.register()
        user_logged_out.connect(_end_django_session, dispatch_uid="carillon.people")


def _end_django_session(*, request: Any, user: Any, **_: object) -> None:
    from carillon.people import actions, credentials

    key = getattr(getattr(request, "session", None), "session_key", None)
    if user is not None and key:
        actions.sign_out(user.pk, credentials.django_session_id(key))
