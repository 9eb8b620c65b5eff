"""Django admin of people: profiles, changed through actions so that open tabs are told; service keys, shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from carillon.errors import CarillonError
from carillon.people import actions as writes
from carillon.people.models import SCOPES, ExternalId, Profile, ServiceKey

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Profile]
    _KeyBase = admin.ModelAdmin[ServiceKey]
    _IdBase = admin.ModelAdmin[ExternalId]
    _KeyForm = forms.ModelForm[ServiceKey]
else:
    _Base = _KeyBase = _IdBase = admin.ModelAdmin
    _KeyForm = forms.ModelForm


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

    @admin.action(description=_("End all sessions of these people"), permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        """Sign them out everywhere; their sockets are closed."""
        for profile in queryset.select_related("user"):
            writes.sign_out_everywhere(profile.user)


class ServiceKeyForm(_KeyForm):
    """A new key."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it may do."),
        label=_("Scopes"),
    )

    def clean(self) -> dict[str, Any]:
        """What the action would refuse is said beside its field."""
        given = super().clean() or {}
        if not self.errors:
            try:
                writes.checked_key(ServiceKey(**given))
            except CarillonError as error:
                for detail in error.details:
                    self.add_error(detail["field"] if detail["field"] in self.fields else None, detail["message"])
        return given


@admin.register(ServiceKey)
class ServiceKeyAdmin(_KeyBase):
    """Keys of other back ends: made here and told once, then only seen and revoked."""

    form = ServiceKeyForm
    fields = ("name", "namespace", "scopes", "rate_per_minute", "expires_at")
    list_display = (
        "name",
        "prefix",
        "namespace",
        "scopes",
        "rate_per_minute",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = ("namespace",)
    search_fields = ("name", "prefix", "namespace")
    actions = ("revoke",)
    told_of = (*fields[:2], "prefix", *fields[2:], "created_at", "created_by", "last_used_at", "revoked_at")

    def get_fields(self, request: HttpRequest, obj: ServiceKey | None = None) -> tuple[str, ...]:
        """The form, or all that is kept but for the digest."""
        return self.told_of if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceKey | None = None) -> tuple[str, ...]:
        """A key stays what it was when its secret was handed over."""
        return self.told_of if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: ServiceKey | None = None) -> bool:
        """Nobody: what was done with it stays explained."""
        return False

    @sensitive_variables()
    def save_model(self, request: HttpRequest, obj: ServiceKey, form: Any, change: bool) -> None:
        """Make the key, and tell what to send, this once."""
        if change:
            return
        given = {name: form.cleaned_data[name] for name in self.fields}
        key, credential = writes.create_key(**given, created_by=request.user)
        obj.pk, obj.prefix = key.pk, key.prefix
        told = gettext("Copy it now, it is not shown again: %(key)s") % {"key": credential}
        self.message_user(request, told, messages.WARNING)

    @admin.action(description=_("Revoke these keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ServiceKey]) -> None:
        """End them for good."""
        for key in queryset:
            writes.revoke_key(key.prefix)
        self.message_user(request, _("Revoked."), messages.SUCCESS)


@admin.register(ExternalId)
class ExternalIdAdmin(_IdBase):
    """Whom services mean by their ids; services map, staff may take a mapping back."""

    list_display = ("namespace", "external_id", "user", "is_ours", "created_at")
    list_filter = ("namespace",)
    search_fields = ("external_id",)
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ExternalId | None = None) -> bool:
        """Nobody."""
        return False
