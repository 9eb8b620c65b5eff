"""Django admin of people: profiles, changed through actions so that open tabs are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from carillon.people import actions as writes
from carillon.people.models import Profile

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Profile]
else:
    _Base = admin.ModelAdmin


@admin.register(Profile)
class ProfileAdmin(_Base):
    """Public faces and preferences."""

    list_display = ("user", "display_name", "role", "language", "time_zone")
    search_fields = ("display_name", "role")
    raw_id_fields = ("user",)
    actions = ("sign_out_everywhere",)

    def save_model(self, request: HttpRequest, obj: Profile, form: Any, change: bool) -> None:
        """Through the action, which announces it."""
        user = obj.user
        changes = {name: getattr(obj, name) for name in writes.CHANGEABLE}
        obj.pk = writes.update_profile(user, **changes).pk

    @admin.action(description="End all sessions of these people", permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        """Sign them out everywhere; their sockets are closed."""
        for profile in queryset.select_related("user"):
            writes.sign_out_everywhere(profile.user)
