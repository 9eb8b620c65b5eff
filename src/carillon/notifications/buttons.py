"""Buttons: answers that a notification offers in place, as links or as commands that a function of the host carries out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from carillon.conf import settings
from carillon.errors import Detail
from carillon.notifications.models import Notification, is_safe_url

MAX_BUTTONS = 3
LONGEST_LABEL = 60
STYLES = ("", "primary", "danger")
_DATA_BYTES = 4096
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

Words = str | dict[str, str]
Handler = Callable[[Any, Notification, dict[str, Any]], str | None]


class Button(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One button: `label` (and `done`, what stands in its place once pressed) as text or as language → text.

    Either `command` names the function that carries it out, called with `data`, which no client sees; or `url` is a link.
    """

    name: str
    label: Words
    command: str = ""
    url: str = ""
    data: dict[str, Any] = {}
    style: Literal["", "primary", "danger"] = ""
    done: Words = ""


_handlers: dict[str, Handler] = {}


def pressed(command: str) -> Callable[[Handler], Handler]:
    """Have a function carry out this command: it gets (user, notification, data), and may return what to say instead of the buttons.

    It runs once, in the transaction that marks the button pressed. Raising undoes both; the words of a CarillonError are
    shown to the person. Raises ValueError for a command given twice, TypeError for a coroutine function.
    """

    def register(handler: Handler) -> Handler:
        if inspect.iscoroutinefunction(handler):
            raise TypeError(f"{command!r}: a coroutine function cannot share the transaction of the press")
        if command in _handlers:
            raise ValueError(f"command {command!r} is carried out by two functions")
        _handlers[command] = handler
        return handler

    return register


def handler_of(command: str) -> Handler | None:
    """The function that carries a command out, if one is registered."""
    return _handlers.get(command)


def plain(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Buttons as JSON carries them; lazy translations become text."""
    return [
        msgspec.structs.asdict(button) | {"label": _plain_words(button.label), "done": _plain_words(button.done)}
        for button in buttons
    ]


def faults(buttons: Sequence[Mapping[str, Any]], *, is_registered: bool = True) -> list[Detail]:
    """What is wrong with these buttons, each fault with its field; `is_registered` asks for the function of each command too."""
    names = [button["name"] for button in buttons]
    found: list[Detail] = []
    if len(buttons) > MAX_BUTTONS:
        found.append({"field": "buttons", "message": f"at most {MAX_BUTTONS}"})
    if len(set(names)) < len(names):
        found.append({"field": "buttons", "message": "two have the same name"})
    if sum(button["style"] == "primary" for button in buttons) > 1:
        found.append({"field": "buttons", "message": "at most one is primary"})
    for index, button in enumerate(buttons):
        found += [
            {"field": f"buttons.{index}.{field}", "message": message}
            for field, message in _faults_of(button)
            if message
        ]
        if is_registered and button["command"] and button["command"] not in _handlers:
            found.append({"field": f"buttons.{index}.command", "message": _unknown(button["command"])})
    return found


def _faults_of(button: Mapping[str, Any]) -> list[tuple[str, str]]:
    command, url = button["command"], button["url"]
    data = button["data"]
    return [
        ("name", "" if _NAME.fullmatch(button["name"]) else "1 to 32 of a-z, 0-9, - and _ are needed"),
        ("label", _fault_of_words(button["label"], is_needed=True)),
        ("done", _fault_of_words(button["done"], is_needed=False)),
        ("style", "" if button["style"] in STYLES else "primary, danger or nothing is needed"),
        ("command", "" if bool(command) != bool(url) else "either a command or a url is needed"),
        ("data", "" if len(msgspec.json.encode(data)) <= _DATA_BYTES else f"at most {_DATA_BYTES} bytes of JSON"),
        ("data", "only a command takes data" if data and url else ""),
    ]


def _unknown(command: str) -> str:
    return f"no function carries out {command!r}: decorate one with @pressed, in a module that is imported at start-up"


def _fault_of_words(words: Words, *, is_needed: bool) -> str:
    texts = list(words.values()) if isinstance(words, dict) else [words]
    if is_needed and not (texts and all(text.strip() for text in texts)):
        return "a text is needed, in each language that is given"
    return f"at most {LONGEST_LABEL} characters" if any(len(text) > LONGEST_LABEL for text in texts) else ""


def _plain_words(words: Any) -> Words:
    return {str(key): str(text) for key, text in words.items()} if isinstance(words, Mapping) else str(words)


def worded(
    buttons: Sequence[Mapping[str, Any]], language: str, fill: Callable[[str], str] = str
) -> list[dict[str, Any]]:
    """Buttons as a notification stores them, in one language; `fill` completes the texts and links of a kind."""
    done = [
        {
            **button,
            "label": fill(_in(button["label"], language))[:LONGEST_LABEL],
            "done": fill(_in(button["done"], language))[:LONGEST_LABEL],
            "url": fill(button["url"]),
        }
        for button in buttons
    ]
    return [button for button in done if button["command"] or is_safe_url(button["url"])]


def _in(words: Words, language: str) -> str:
    if isinstance(words, str):
        return words
    return words.get(language) or words.get(settings.LANGUAGES[0]) or next(iter(words.values()), "")


def shown(row: Notification) -> dict[str, Any]:
    """The `data` that clients get: the host's own, the buttons as `actions`, and what was `pressed`."""
    data = row.data if isinstance(row.data, dict) else {}
    if not row.buttons:
        return data
    # A link stays useful when the matter is settled.
    left = [button for button in row.buttons if row.pressed is None or not button["command"]]
    actions = [
        {"name": button["name"], "label": button["label"], "style": button["style"]}
        | ({"url": button["url"]} if button["url"] else {})
        for button in left
    ]
    return {**data, "actions": actions, **({"pressed": row.pressed} if row.pressed is not None else {})}
