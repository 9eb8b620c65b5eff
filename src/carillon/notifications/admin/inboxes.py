"""People's inboxes: the list of their counters, and the way to the page of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carillon.notifications.admin import people
from carillon.notifications.admin.base import ReadOnlyAdmin, may
from carillon.notifications.admin.person import PersonPage
from carillon.notifications.models import Inbox
from carillon.people.queries import users


class FindForm(forms.Form):
    """Somebody, whether they were ever notified or not."""

    def __init__(self, holder: InboxAdmin, request: HttpRequest) -> None:
        super().__init__(request.GET if "user" in request.GET else None)
        self.fields["user"] = people.person_field(
            holder.admin_site, request, "user", label=_("The inbox of"), help_text=""
        )


@admin.register(Inbox)
class InboxAdmin(ReadOnlyAdmin):
    """Everybody who was ever notified, with their counters; behind each is that person's inbox."""

    list_display = ("person", "unread", "unseen", "last_number", "checked_at")
    list_select_related = ("user__carillon_profile",)
    change_list_template = "admin/carillon_notifications/inboxes.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see counters and notifications."""
        return super().has_view_permission(request, obj) and may(request, "view_notification", "change_notification")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """The person."""
        return people.search_fields()

    def get_urls(self) -> list[URLPattern]:
        """A way to the inbox of who is picked."""
        find = path("find/", self.admin_site.admin_view(self.find_view), name="carillon_notifications_inbox_find")
        return [find, *super().get_urls()]

    @admin.display(description=gettext_lazy("person"), ordering="user")
    def person(self, row: Inbox) -> str:
        """Whose it is."""
        return people.name_of(row.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With a way to people who were never notified, and have no counters yet."""
        form = FindForm(self, request)
        return super().changelist_view(request, {"find_form": form, "find_media": form.media, **(extra_context or {})})

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Go to the inbox of who was picked; where it is nobody, back to the list, which says so."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FindForm(self, request)
        if form.is_valid():
            return HttpResponseRedirect(people.inbox_url(self.admin_site, form.cleaned_data["user"]))
        return self._nobody(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The inbox of the person with this key, with or without counters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user = users([unquote(object_id)]).first()
        if user is None:
            return self._nobody(request)
        return PersonPage(self, request, user).respond()

    def _nobody(self, request: HttpRequest) -> HttpResponse:
        self.message_user(request, _("There is no such person."), messages.WARNING)
        back = reverse("admin:carillon_notifications_inbox_changelist", current_app=self.admin_site.name)
        return HttpResponseRedirect(back)
