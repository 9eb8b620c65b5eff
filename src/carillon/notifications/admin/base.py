"""What the pages of this admin share: looking without changing, permissions, and pages that are no form of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = admin.ModelAdmin


def may(request: HttpRequest, *codenames: str) -> bool:
    """Whether this member of staff has one of these permissions of notifications."""
    return any(request.user.has_perm(f"carillon_notifications.{codename}") for codename in codenames)


def page(request: HttpRequest, holder: Any, template: str, title: object, **context: Any) -> TemplateResponse:
    """A page of the admin under the list of `holder`'s model."""
    request.current_app = holder.admin_site.name
    shown = {**holder.admin_site.each_context(request), "opts": holder.opts, "title": title, **context}
    return TemplateResponse(request, f"admin/carillon_notifications/{template}", shown)


class ReadOnlyAdmin(_Base):
    """For looking only. Rows may still go with the person they belong to, whom the host's own admin deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None that would delete."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Nobody."""
        raise PermissionDenied

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Under the name of what it lists, for there is nothing to choose."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Without a button that would delete."""
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "show_delete": False})
