"""What the background and the brake did, for looking only."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from carillon.conf import settings
from carillon.notifications.admin import people
from carillon.notifications.admin.base import ReadOnlyAdmin
from carillon.notifications.models import BrakeRecord, Fanout


@admin.register(Fanout)
class FanoutAdmin(ReadOnlyAdmin):
    """Notifications for many, and how far they have got."""

    list_display = ("what", "progress", "created_at", "finished_at", "took")
    list_filter = (("finished_at", admin.EmptyFieldListFilter),)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = ("id", "what", "progress", "created_at", "finished_at", "took", "content_as_text")
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description=_("what"))
    def what(self, row: Fanout) -> str:
        """Its title or its kind."""
        return str(row.content.get("title") or row.content.get("kind") or row.pk)

    @admin.display(description=_("progress"))
    def progress(self, row: Fanout) -> SafeString:
        """How many of its recipients were passed."""
        return format_html(
            '<span class="carillon-progress"><progress max="{}" value="{}"></progress> {} / {}</span>',
            max(row.total, 1),
            row.done,
            row.done,
            row.total,
        )

    @admin.display(description=_("took"))
    def took(self, row: Fanout) -> str:
        """How long it took in all."""
        return f"{(row.finished_at - row.created_at).total_seconds():.1f} s" if row.finished_at else "–"

    @admin.display(description=_("content"))
    def content_as_text(self, row: Fanout) -> SafeString:
        """What it says, before it is rendered for each recipient."""
        said = {name: value for name, value in row.content.items() if value not in ("", {}, [], None)}
        return format_html("<pre>{}</pre>", json.dumps(said, indent=2, ensure_ascii=False))


@admin.register(BrakeRecord)
class BrakeRecordAdmin(ReadOnlyAdmin):
    """What the brake held back."""

    list_display = ("minute", "person", "kind", "held")
    list_filter = ("minute", "kind")
    list_select_related = ("user__carillon_profile",)
    date_hierarchy = "minute"
    ordering = ("-minute", "-held")
    fields = readonly_fields = ("minute", "person", "kind", "held")
    change_list_template = "admin/carillon_notifications/brake.html"

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """The person and the kind."""
        return ("kind", *people.search_fields())

    @admin.display(description=_("person"), ordering="user")
    def person(self, row: BrakeRecord) -> SafeString:
        """Who was spared."""
        return people.inbox_link(self.admin_site, row.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the limit that is in force now."""
        return super().changelist_view(request, {**(extra_context or {}), "limit": settings.BRAKE_PER_MINUTE})
