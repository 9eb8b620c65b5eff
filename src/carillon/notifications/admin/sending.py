"""Sending by hand: a form for what notify() takes, and how it is going to read in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid
from carillon.notifications import actions, kinds
from carillon.notifications.admin.people import person_field
from carillon.notifications.admin.samples import parameters_of
from carillon.notifications.content import Content, as_json
from carillon.notifications.models import SEVERITIES, TYPES, Notification
from carillon.notifications.outlets import email
from carillon.people.queries import preferences_of

_WORDS = ("kind", "title", "message", "type", "severity", "url", "icon")
# What the actions say in English, for the catalogue.
_SAID = (
    gettext_noop("a title or a kind is needed"),
    gettext_noop("a path starting with / or an http(s) address is needed"),
    gettext_noop("Others are writing here; try again."),
)


@dataclass(frozen=True)
class Preview:
    """How a notification reads in one language."""

    language: str
    name: str
    columns: dict[str, Any]
    is_recipients: bool
    is_missing: bool
    # As its e-mail reads, where it would be mailed.
    email: dict[str, str] | None = None


class SendForm(forms.Form):
    """What notify() takes; only `user` is asked for when it is sent and not when it is looked at."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    params = forms.JSONField(
        label=_("Parameters"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("What the kind’s words are filled in with: a JSON object."),
    )
    title = forms.CharField(label=_("Title"), required=False, widget=AdminTextInputWidget)
    message = forms.CharField(label=_("Message"), required=False, widget=AdminTextareaWidget(attrs={"rows": 3}))
    type = forms.CharField(
        label=_("Type"), required=False, widget=forms.TextInput(attrs={"list": "carillon-types", "class": "vTextField"})
    )
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    url = forms.CharField(
        label=_("Link"),
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("What a click opens: a path starting with /, or an http(s) address."),
    )
    icon = forms.CharField(label=_("Icon"), required=False, widget=AdminTextInputWidget)

    def __init__(self, site: AdminSite, request: HttpRequest) -> None:
        data = request.POST if request.method == "POST" else None
        super().__init__(data, initial=request.GET.dict())
        self.is_preview = data is not None and "_preview" in data
        self.types = TYPES
        needed = {"label": _("For"), "required": not self.is_preview}
        # In the order of the page.
        self.fields = {
            "user": person_field(site, request, "user", **needed),
            **self.fields,
            "actor": person_field(site, request, "actor", label=_("From"), required=False),
        }
        by_name = sorted(kinds.registered_kinds())
        self.fields["kind"].choices = [("", _("None: a title and a message")), *((name, name) for name in by_name)]  # type: ignore[attr-defined]
        self.fields["severity"].choices = [("", _("As the kind says, else info")), *((s, s) for s in SEVERITIES)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse what notify() would refuse, beside the field that is wrong."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if not isinstance(found.get("params") or {}, dict):
            self.add_error("params", _('A JSON object is needed, such as {"name": "Alice"}.'))
        if self.errors:
            return found
        try:
            self.content.check()
            self.previews()
        except CarillonError as error:
            self.refuse(error)
        except Exception as error:
            # A filter that does not like what it is given, which notify() would meet too.
            self.add_error("params", gettext("The words cannot be filled in: %(error)s") % {"error": error})
        return found

    @property
    def content(self) -> Content:
        """What is to be said; raises Invalid."""
        given = self.cleaned_data
        return Content(params=as_json("params", given.get("params") or {}), **{name: given[name] for name in _WORDS})

    def previews(self) -> list[Preview]:
        """How it reads in each language, rendered as notify() renders it."""
        content, reader = self.content, self.cleaned_data.get("user")
        language = preferences_of(reader).language if reader else ""
        kind = kinds.registered_kinds().get(content.kind)
        is_mailed = kind is not None and email.NAME in kinds.outlets_of(kind.name)
        return [
            Preview(
                language=each,
                name=language_name(each),
                columns=content.rendered(each),
                is_recipients=each == language,
                is_missing=kind is not None and each not in kind.texts,
                email=email.words(Notification(**content.rendered(each)), each) if is_mailed else None,
            )
            for each in settings.LANGUAGES
        ]

    def send(self) -> actions.Notified | None:
        """Notify; None where it was refused, which the form then tells."""
        given = self.cleaned_data
        try:
            return actions.notify(
                given["user"],
                params=given.get("params") or {},
                actor=given["actor"],
                **{name: given[name] for name in _WORDS},
            )
        except CarillonError as error:
            self.refuse(error)
            return None

    def refuse(self, error: CarillonError) -> None:
        """Tell what is wrong, beside each field."""
        details = error.details if isinstance(error, Invalid) else []
        for detail in details:
            name = detail["field"] if detail["field"] in self.fields else None
            text = gettext(detail["message"])
            self.add_error(name, text if name else f"{detail['field']}: {text}")
        if not details:
            self.add_error(None, gettext(error.message))


def language_name(code: str) -> str:
    """What a language is called in the language of the page."""
    try:
        return translation.gettext(translation.get_language_info(code)["name"])
    except KeyError:
        return code


def skeletons() -> dict[str, dict[str, str]]:
    """The parameters of each kind, to be filled in."""
    return {name: dict.fromkeys(parameters_of(kind), "") for name, kind in kinds.registered_kinds().items()}
