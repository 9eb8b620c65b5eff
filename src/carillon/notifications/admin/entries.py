"""The list of notifications: send, correct, delete; and what kinds there are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carillon.conf import settings
from carillon.errors import CarillonError
from carillon.notifications import actions
from carillon.notifications.admin import kinds, people
from carillon.notifications.admin.base import may, page
from carillon.notifications.admin.sending import SendForm, skeletons
from carillon.notifications.models import Notification

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Notification]
else:
    _Base = admin.ModelAdmin

_EDITABLE = ("title", "message", "type", "severity", "url", "icon")


@admin.register(Notification)
class NotificationAdmin(_Base):
    """Notifications of everybody."""

    list_display = ("title", "person", "type", "kind", "severity", "is_read", "created_at", "announced_at")
    list_filter = ("type", "severity", "is_read", "kind")
    list_select_related = ("user__carillon_profile",)
    date_hierarchy = "created_at"
    fields = ("person", "actor", *_EDITABLE)
    readonly_fields = ("person", "actor")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Its words, its id, and whom it is for."""
        return ("title", "message", "id", *people.search_fields())

    def get_urls(self) -> list[URLPattern]:
        """The page of kinds beside the pages of a model."""
        kinds_page = path(
            "kinds/", self.admin_site.admin_view(self.kinds_view), name="carillon_notifications_notification_kinds"
        )
        return [kinds_page, *super().get_urls()]

    @admin.display(description=gettext_lazy("for"), ordering="user")
    def person(self, row: Notification) -> SafeString:
        """Whom it is for."""
        return people.inbox_link(self.admin_site, row.user)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Send one, after a look at it in each language."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SendForm(self.admin_site, request)
        is_valid = form.is_valid()
        if is_valid and not form.is_preview and (sent := self._send(request, form)) is not None:
            return sent
        context = {
            "form": form,
            "previews": form.previews() if is_valid else [],
            "skeletons": skeletons(),
            "limit": settings.BRAKE_PER_MINUTE,
        }
        return page(request, self, "send.html", _("Send a notification"), **context)

    def _send(self, request: HttpRequest, form: SendForm) -> HttpResponse | None:
        """Send, and go to the inbox of whom it was for; None where nothing was sent, which is said."""
        user, sent = form.cleaned_data["user"], form.send()
        if sent is None:
            return None
        if not sent.notifications:
            held = _("The brake held this back: %(person)s had %(limit)s of this kind within the last minute.")
            self.message_user(
                request, held % {"person": people.name_of(user), "limit": settings.BRAKE_PER_MINUTE}, messages.WARNING
            )
            return None
        row = sent.notifications[0]
        self.log_addition(request, row, [{"added": {}}])
        told = format_html(_("Sent to {}: “{}”."), people.name_of(user), row.title)
        self.message_user(request, told, messages.SUCCESS)
        if may(request, "view_inbox", "change_inbox") and self.has_view_permission(request):
            return HttpResponseRedirect(people.inbox_url(self.admin_site, user))
        name = "changelist" if self.has_view_permission(request) else "add"
        return HttpResponseRedirect(
            reverse(f"admin:carillon_notifications_notification_{name}", current_app=self.admin_site.name)
        )

    def kinds_view(self, request: HttpRequest) -> HttpResponse:
        """Every kind: its words, how they read, and what became of what was sent."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return page(
            request,
            self,
            "kinds.html",
            _("Kinds of notifications"),
            overview=kinds.overview(),
            has_add_permission=self.has_add_permission(request),
        )

    def save_model(self, request: HttpRequest, obj: Notification, form: ModelForm[Any], change: bool) -> None:
        """Correct the words of what was sent."""
        actions.edit(obj.user_id, obj.pk, **{name: getattr(obj, name) for name in _EDITABLE})

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
