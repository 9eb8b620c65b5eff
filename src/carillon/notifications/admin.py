"""The admin of notifications: whatever is added, changed or deleted here goes through the actions, and rings (REQUIREMENTS 001-15)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from carillon.errors import CarillonError
from carillon.notifications import actions
from carillon.notifications.models import BrakeRecord, Fanout, Inbox, Notification

if TYPE_CHECKING:
    _NotificationBase = admin.ModelAdmin[Notification]
    _AnyBase = admin.ModelAdmin[Any]
else:
    _NotificationBase = _AnyBase = admin.ModelAdmin

_WORDS = ("title", "message", "type", "severity", "url", "icon")


@admin.register(Notification)
class NotificationAdmin(_NotificationBase):
    """Notifications: send, correct, delete."""

    list_display = ("title", "user", "type", "kind", "severity", "is_read", "created_at", "announced_at")
    list_filter = ("type", "severity", "is_read", "kind")
    search_fields = ("title", "message", "id")
    raw_id_fields = ("user", "actor")
    date_hierarchy = "created_at"
    fields = ("user", "actor", *_WORDS)

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """People by name where the host's admin can search its users; else they are named by key."""
        users = get_user_model()
        is_searchable = self.admin_site.is_registered(users) and self.admin_site.get_model_admin(users).search_fields
        return ("user", "actor") if is_searchable else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Notification | None = None) -> tuple[str, ...]:
        """Whom it is for and from cannot be changed afterwards."""
        return ("user", "actor") if obj else ()

    def save_model(self, request: HttpRequest, obj: Notification, form: ModelForm[Any], change: bool) -> None:
        """Notify, or correct the words of what was sent."""
        words = {name: getattr(obj, name) for name in _WORDS}
        if change:
            actions.edit(obj.user_id, obj.pk, **words)
            return
        sent = actions.notify(obj.user, actor=obj.actor, **words)
        if sent.notifications:
            obj.pk = sent.notifications[0].pk
        else:
            self.message_user(request, "The brake held this notification back.", messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Notification) -> None:
        """Delete one, and tell its person's tabs."""
        self.delete_queryset(request, Notification.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        """Delete many, a hundred at a time for each person."""
        by_user: defaultdict[Any, list[str]] = defaultdict(list)
        for user, key in queryset.order_by("pk").values_list("user", "pk"):
            by_user[user].append(key)
        for user, keys in by_user.items():
            for start in range(0, len(keys), 100):
                self._delete(request, user, keys[start : start + 100])

    def _delete(self, request: HttpRequest, user: Any, keys: list[str]) -> None:
        try:
            actions.delete(user, keys)
        except CarillonError as error:
            self.message_user(request, error.message, messages.ERROR)


class _ReadOnlyAdmin(_AnyBase):
    """For looking only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Inbox)
class InboxAdmin(_ReadOnlyAdmin):
    """Counters."""

    list_display = ("user", "unread", "unseen", "version", "last_number", "checked_at")


@admin.register(Fanout)
class FanoutAdmin(_ReadOnlyAdmin):
    """Notifications for many, and how far they have got."""

    list_display = ("id", "__str__", "created_at", "finished_at")


@admin.register(BrakeRecord)
class BrakeRecordAdmin(_ReadOnlyAdmin):
    """What the brake held back."""

    list_display = ("minute", "user", "kind", "held")
    list_filter = ("kind",)
