"""Kinds: notifications that are worded in code once, in each language, and rendered in the recipient's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carillon.conf import settings
from carillon.errors import Invalid
from carillon.notifications.buttons import Button, faults, plain
from carillon.notifications.models import SEVERITIES
from carillon.notifications.outlets import paths
from carillon.notifications.wording import wording


@dataclass(frozen=True)
class Text:
    """Django template sources of one language."""

    title: str
    message: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of notification: its category, how grave it is, its words in each language, and by which outlets it leaves.

    `outlet_delay` is how many seconds these wait, where not as long as each of them says.
    """

    name: str
    texts: Mapping[str, Text]
    type: str = "system"
    severity: str = "info"
    icon: str = ""
    url: str = ""
    description: str = ""
    buttons: tuple[Button, ...] = ()
    outlets: tuple[str, ...] = ()
    outlet_delay: float | None = None


_kinds: dict[str, Kind] = {}


def register_kind(  # noqa: PLR0913 - one argument for each thing a kind says
    name: str,
    texts: Mapping[str, Text | tuple[str, str]],
    *,
    type: str = "system",
    severity: str = "info",
    icon: str = "",
    url: str = "",
    description: str = "",
    buttons: Sequence[Button] = (),
    outlets: Sequence[str] = (),
    outlet_delay: float | None = None,
) -> Kind:
    """Word a kind: `texts` maps a language to (title, message), Django templates over the parameters; `url` is one too.

    So are the labels and links of its `buttons`. `outlets` names the ways by which it leaves too, such as `email`, after
    `outlet_delay` seconds and only if it was not read by then. Raises ValueError for a name given twice, an unknown severity
    or outlet, a missing fallback language or buttons that cannot be shown; TemplateSyntaxError for a template that does not parse.
    """
    if name in _kinds:
        raise ValueError(f"kind {name!r} is registered twice")
    if severity not in SEVERITIES:
        raise ValueError(f"kind {name!r}: severity must be one of {SEVERITIES}")
    unknown = set(outlets) - paths().keys() if outlets else ()
    if unknown:
        raise ValueError(f"kind {name!r}: there is no outlet {', '.join(sorted(unknown))}")
    worded = {language: text if isinstance(text, Text) else Text(*text) for language, text in texts.items()}
    if not worded:
        raise ValueError(f"kind {name!r} has no text")
    for text in worded.values():
        wording(text.title), wording(text.message)
    wording(url)
    _check_buttons(name, buttons)
    kind = Kind(name, worded, type, severity, icon, url, description, tuple(buttons), tuple(outlets), outlet_delay)
    _kinds[name] = kind
    return kind


def _check_buttons(name: str, buttons: Sequence[Button]) -> None:
    described = plain(buttons)
    # The function may be registered later; notify() insists on it.
    wrong = faults(described, is_registered=False)
    if wrong:
        raise ValueError(f"kind {name!r}: {wrong[0]['field']}: {wrong[0]['message']}")
    for button in described:
        for source in (button["url"], *_sources(button["label"]), *_sources(button["done"])):
            wording(source)


def _sources(words: str | dict[str, str]) -> list[str]:
    return list(words.values()) if isinstance(words, dict) else [words]


def kind_of(name: str) -> Kind:
    """The kind of that name; raises Invalid."""
    try:
        return _kinds[name]
    except KeyError:
        raise Invalid("invalid", f"No kind {name!r} is registered.") from None


def registered_kinds() -> dict[str, Kind]:
    """Every kind, by name."""
    return dict(_kinds)


def outlets_of(name: str) -> Sequence[str]:
    """The outlets by which notifications of this kind leave: those of KIND_OUTLETS, else those it was registered with."""
    chosen: Sequence[str] | None = settings.KIND_OUTLETS.get(name)
    return _kinds[name].outlets if chosen is None else chosen


@dataclass(frozen=True)
class Rendered:
    """The words one person gets."""

    title: str
    message: str
    url: str


def render(kind: Kind, params: Mapping[str, Any], language: str) -> Rendered:
    """The words of a kind in a language, or in the fallback where the kind does not speak it."""
    text = kind.texts.get(language) or kind.texts.get(settings.LANGUAGES[0]) or next(iter(kind.texts.values()))
    return Rendered(
        title=_fill(text.title, params).strip()[:255],
        message=_fill(text.message, params).strip(),
        url=_fill(kind.url, params).strip(),
    )


def filler(params: Mapping[str, Any]) -> Callable[[str], str]:
    """What completes a template source with these parameters."""
    return lambda source: _fill(source, params).strip()


def _fill(source: str, values: Mapping[str, Any]) -> str:
    return wording(source).fill(values) if source else ""
