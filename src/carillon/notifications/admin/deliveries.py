"""What leaves by outlets: what became of each delivery, trying it again, how its e-mail reads; and who opted out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from carillon.conf import settings
from carillon.errors import CarillonError
from carillon.notifications import actions
from carillon.notifications.admin import people
from carillon.notifications.admin.base import ReadOnlyAdmin
from carillon.notifications.admin.sending import language_name
from carillon.notifications.models import Delivery, Notification, OptOut
from carillon.notifications.outlets import email

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[OptOut]
else:
    _Base = admin.ModelAdmin

# Its styles are its own; nothing else may be loaded or run.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Every delivery of the last days, and why it was not made where it was not."""

    list_display = ("what", "person", "outlet", "state", "attempts", "due_at", "finished_at", "reason")
    list_filter = ("state", "outlet")
    list_select_related = ("user__carillon_profile",)
    date_hierarchy = "created_at"
    fields = (*list_display, "created_at", "preview")
    readonly_fields = fields
    actions = ("retry",)
    show_full_result_count = False

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """The id of its notification, what went wrong, and whom it is for."""
        return ("notification_id", "reason", *people.search_fields())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """With the title of each notification, which may be gone."""
        title = Notification.objects.filter(pk=OuterRef("notification_id")).values("title")[:1]
        rows: QuerySet[Delivery] = super().get_queryset(request).annotate(title=Subquery(title))
        return rows

    def get_urls(self) -> list[URLPattern]:
        """How an e-mail reads, beside the pages of a model."""
        preview = path(
            "<int:key>/preview/<str:language>/",
            self.admin_site.admin_view(self.preview_view),
            name="carillon_notifications_delivery_preview",
        )
        return [preview, *super().get_urls()]

    @admin.display(description=_("notification"))
    def what(self, row: Delivery) -> str:
        """Its title, or its id where it is gone."""
        return getattr(row, "title", None) or row.notification_id

    @admin.display(description=_("for"), ordering="user")
    def person(self, row: Delivery) -> SafeString:
        """Whom it is for."""
        return people.inbox_link(self.admin_site, row.user)

    @admin.display(description=_("as an e-mail"))
    def preview(self, row: Delivery) -> SafeString:
        """A link for each language."""
        name = "admin:carillon_notifications_delivery_preview"
        links = (
            (reverse(name, args=[row.pk, each], current_app=self.admin_site.name), each, language_name(each))
            for each in settings.LANGUAGES
        )
        return format_html_join(" · ", '<a href="{}" hreflang="{}">{}</a>', links)

    def preview_view(self, request: HttpRequest, key: int, language: str) -> HttpResponse:
        """The HTML part alone, as it would be sent now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = Notification.objects.filter(pk__in=Delivery.objects.filter(pk=key).values("notification_id")).first()
        if row is None or language not in settings.LANGUAGES:
            raise Http404
        response = HttpResponse(email.words(row, language)["html"])
        response["Content-Security-Policy"] = _POLICY
        return response

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who may change deliveries."""
        return request.user.has_perm("carillon_notifications.change_delivery")

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Those that were given up or not needed."""
        try:
            count = actions.try_again(list(queryset.values_list("pk", flat=True)))
        except CarillonError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        done = ngettext("%(count)s delivery is tried again.", "%(count)s deliveries are tried again.", count)
        self.message_user(request, done % {"count": count}, messages.SUCCESS)


@admin.register(OptOut)
class OptOutAdmin(_Base):
    """Who opted out of what; deleting a line has them told again."""

    list_display = ("person", "outlet", "created_at")
    list_filter = ("outlet",)
    list_select_related = ("user__carillon_profile",)
    ordering = ("-created_at",)
    fields = readonly_fields = list_display

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Who it is."""
        return people.search_fields()

    @admin.display(description=_("person"), ordering="user")
    def person(self, row: OptOut) -> SafeString:
        """Who opted out."""
        return people.inbox_link(self.admin_site, row.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: that is the person's own choice."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
