"""Content: what a notification says, before it is rendered for each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from django.utils.functional import Promise

from carillon.errors import Detail, Invalid
from carillon.notifications import kinds
from carillon.notifications.models import SEVERITIES, is_safe_url
from carillon.realtime import codec

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
    try:
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value, enc_hook=_lazy_text))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"not JSON: {error}"
        details: list[Detail] = [{"field": name, "message": message}]
        raise Invalid("invalid", f"This cannot be sent: {name}: {message}.", details=details) from None
    return plain


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
        if found:
            raise Invalid("invalid", f"This cannot be sent: {found[0]['field']}: {found[0]['message']}.", details=found)
        codec.check_values(self.as_dict())

    def _too_long(self) -> list[Detail]:
        found: list[Detail] = [
            {"field": name, "message": f"at most {longest} characters"}
            for name, longest in _LONGEST.items()
            if len(getattr(self, name) or "") > longest
        ]
        found += [
            {"field": name, "message": f"at most {_DATA_BYTES} bytes of JSON"}
            for name in ("data", "params")
            if len(msgspec.json.encode(getattr(self, name))) > _DATA_BYTES
        ]
        return found

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
