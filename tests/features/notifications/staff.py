"""Members of staff for tests of the admin, with the permissions that a test gives them."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.test import Client

from tests.support.people import make_user

APP = "/admin/carillon_notifications/"


def staff(*codenames: str, language: str = "en") -> Client:
    """A browser of somebody who may do this much; all of it without any name."""
    user = make_user(is_staff=True, is_superuser=not codenames)
    if codenames:
        found = Permission.objects.filter(content_type__app_label="carillon_notifications", codename__in=codenames)
        assert found.count() == len(codenames)
        user.user_permissions.set(found)
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    return client


def viewer() -> Client:
    """Somebody who may look at everything and change nothing."""
    return staff("view_notification", "view_inbox", "view_fanout", "view_brakerecord")
