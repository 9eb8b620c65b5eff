"""People in the admin: searched, picked and named, whatever the host's user model is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from carillon.notifications.models import Notification
from carillon.people.queries import person_of, users

_NAMES = ("first_name", "last_name")


def search_fields(prefix: str = "user__") -> tuple[str, ...]:
    """What a search for a person looks at, from a model that points to users."""
    model = get_user_model()
    columns = {field.name for field in model._meta.concrete_fields}
    own = dict.fromkeys((model.USERNAME_FIELD, model.get_email_field_name(), *_NAMES))
    return (*(f"{prefix}{name}" for name in own if name in columns), f"{prefix}carillon_profile__display_name")


def find(text: str) -> Any:
    """The user that signs in by this name, has this e-mail address or this key; None where there is none."""
    model = get_user_model()
    email = model.get_email_field_name()
    manager = model._base_manager
    found = list(manager.filter(**{model.USERNAME_FIELD: text})[:1])
    if not found and "@" in text and any(field.name == email for field in model._meta.concrete_fields):
        found = list(manager.filter(**{f"{email}__iexact": text})[:2])
    if len(found) != 1:
        found = list(users([text])[:1])
    return found[0] if found else None


def name_of(user: Any) -> str:
    """A person as lists name them: what they are called, and what they sign in by."""
    name, username = person_of(user).name, str(user.get_username())
    return name if name == username else f"{name} ({username})"


def inbox_url(site: AdminSite, user: Any) -> str:
    """The address of a person's inbox."""
    return reverse("admin:carillon_notifications_inbox_change", args=[user.pk], current_app=site.name)


def inbox_link(site: AdminSite, user: Any) -> SafeString:
    """A person's name as a link to their inbox."""
    return format_html('<a href="{}">{}</a>', inbox_url(site, user), name_of(user))


class PersonField(forms.CharField):
    """A person, typed by who cannot search for one."""

    def clean(self, value: Any) -> Any:
        """The user; ValidationError where there is none."""
        text = super().clean(value)
        if not text:
            return None
        user = find(text)
        if user is None:
            raise ValidationError(_("There is no such person."), code="invalid")
        return user


def person_field(site: AdminSite, request: HttpRequest, column: str, **options: Any) -> forms.Field:
    """A field for the person in a column of Notification; searched by name where the host's admin lets this user do so."""
    model = get_user_model()
    held_by = site.get_model_admin(model) if site.is_registered(model) else None
    if held_by is not None and held_by.search_fields and held_by.has_view_permission(request):
        widget = AutocompleteSelect(Notification._meta.get_field(column), site, attrs={"data-width": "100%"})
        return forms.ModelChoiceField(model._base_manager.all(), widget=widget, **options)
    options.setdefault("help_text", _("What they sign in by, their e-mail address or their key."))
    return PersonField(widget=forms.TextInput(attrs={"class": "vTextField"}), **options)
