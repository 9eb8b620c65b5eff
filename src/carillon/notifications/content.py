"""Content: what a notification says, before it is rendered for each recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from django.utils.functional import Promise

from carillon.errors import Detail, Invalid
from carillon.notifications import buttons, kinds, outlets
from carillon.notifications.buttons import Button
from carillon.notifications.models import SEVERITIES, is_safe_url
from carillon.realtime import codec
from carillon.realtime.command import invalid_field

_LONGEST = {
    "title": 255,
    "message": 8000,
    "type": 32,
    "url": 2000,
    "icon": 64,
    "group_key": 200,
    "dedupe_key": 200,
    "message_id": 64,
}
_DATA_BYTES = 32_768


def as_json(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as JSON carries it: dates, UUIDs and decimals as text; raises Invalid for what JSON cannot say."""
    if not value:
        return {}
    try:
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value, enc_hook=_lazy_text))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"not JSON: {error}"
        details: list[Detail] = [{"field": name, "message": message}]
        raise Invalid("invalid", f"This cannot be sent: {name}: {message}.", details=details) from None
    return plain


def described(given: Sequence[Button]) -> list[dict[str, Any]]:
    """Buttons as JSON carries them; raises Invalid for what is not of its type."""
    plain: list[dict[str, Any]] = as_json("buttons", {"buttons": buttons.plain(given)})["buttons"]
    try:
        msgspec.convert({"buttons": plain}, _Buttons)
    except msgspec.ValidationError as error:
        raise invalid_field(error) from None
    return plain


class _Buttons(msgspec.Struct):
    buttons: list[Button]


def _lazy_text(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@dataclass(frozen=True)
class Content:
    """The arguments of notify() but for the recipients; plain values, so that a fan-out can keep them."""

    kind: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    message: str = ""
    type: str = ""
    severity: str = ""
    url: str = ""
    icon: str = ""
    actor: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    message_id: str = ""
    group_key: str = ""
    dedupe_key: str | None = None
    # None: those of the kind. So with outlets.
    buttons: list[dict[str, Any]] | None = None
    outlets: list[str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def check(self) -> None:
        """Raise Invalid, naming every field that cannot be stored or shown."""
        found = self._too_long()
        if self.kind:
            kinds.kind_of(self.kind)
        elif not self.title.strip():
            found.append({"field": "title", "message": "a title or a kind is needed"})
        if self.url and not is_safe_url(self.url):
            found.append({"field": "url", "message": "a path starting with / or an http(s) address is needed"})
        if self.severity and self.severity not in SEVERITIES:
            found.append({"field": "severity", "message": f"one of {', '.join(SEVERITIES)} is needed"})
        found += self._wrong_buttons()
        if self.outlets:
            unknown = set(self.outlets) - outlets.paths().keys()
            found += [{"field": "outlets", "message": f"there is no {name}"} for name in sorted(unknown)]
        if found:
            raise Invalid("invalid", f"This cannot be sent: {found[0]['field']}: {found[0]['message']}.", details=found)
        self._check_text()

    def _check_text(self) -> None:
        values = list(vars(self).values())
        try:
            is_clean = b"\\u0000" not in msgspec.json.encode(values)
        except UnicodeEncodeError:
            is_clean = False
        if not is_clean:
            # Said by whoever walks through it; walking takes several times as long.
            codec.check_values(values)

    def _too_long(self) -> list[Detail]:
        found: list[Detail] = [
            {"field": name, "message": f"at most {longest} characters"}
            for name, longest in _LONGEST.items()
            if len(getattr(self, name) or "") > longest
        ]
        found += [
            {"field": name, "message": f"at most {_DATA_BYTES} bytes of JSON"}
            for name in ("data", "params")
            if (value := getattr(self, name)) and len(msgspec.json.encode(value)) > _DATA_BYTES
        ]
        return found

    def _wrong_buttons(self) -> list[Detail]:
        given = self._buttons()
        if not given:
            return []
        found = buttons.faults(given)
        found += [
            {"field": f"buttons.{index}.url", "message": "a path starting with / or an http(s) address is needed"}
            for index, button in enumerate(self.buttons or [])
            if button["url"] and not is_safe_url(button["url"])
        ]
        if not {"actions", "pressed"}.isdisjoint(self.data):
            found.append({"field": "data", "message": "`actions` and `pressed` are where buttons are shown"})
        return found

    def _buttons(self) -> list[dict[str, Any]]:
        if self.buttons is not None or not self.kind:
            return self.buttons or []
        return buttons.plain(kinds.kind_of(self.kind).buttons)

    def ways(self) -> list[tuple[str, float]]:
        """The outlets by which it leaves, each with how many seconds it waits; of most, none."""
        kind = kinds.kind_of(self.kind) if self.kind else None
        names = self.outlets if self.outlets is not None else kinds.outlets_of(self.kind) if kind else ()
        if not names:
            return []
        severity = self.severity or (kind.severity if kind else "info")
        chosen = kind.outlet_delay if kind else None
        return [
            (name, outlets.outlet_of(name).delay_of(severity) if chosen is None else chosen)
            for name in dict.fromkeys(names)
            # A fan-out may be older than the settings; carillon.E006 tells of names that nothing has.
            if name in outlets.paths()
        ]

    def _buttons_in(self, language: str) -> list[dict[str, Any]]:
        are_of_kind = self.buttons is None and bool(self.kind)
        return buttons.worded(self._buttons(), language, kinds.filler(self.params) if are_of_kind else str)

    def rendered(self, language: str) -> dict[str, Any]:
        """The columns of a notification for someone who reads this language."""
        columns = {
            "kind": self.kind,
            "params": self.params,
            "title": self.title,
            "message": self.message,
            "type": self.type or "system",
            "severity": self.severity or "info",
            "url": self.url,
            "icon": self.icon,
            "data": self.data,
            "message_id": self.message_id,
            "group_key": self.group_key,
            "dedupe_key": self.dedupe_key,
            "buttons": self._buttons_in(language),
        }
        return columns | self._worded(language) if self.kind else columns

    def _worded(self, language: str) -> dict[str, Any]:
        kind = kinds.kind_of(self.kind)
        words = kinds.render(kind, self.params, language)
        url = self.url or words.url
        return {
            "title": self.title or words.title,
            "message": self.message or words.message,
            "type": self.type or kind.type,
            "severity": self.severity or kind.severity,
            "icon": self.icon or kind.icon,
            "url": url if is_safe_url(url) else "",
        }
