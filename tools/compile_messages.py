"""Compiles the message catalogues of the package: every locale/*/LC_MESSAGES/django.po to the .mo beside it, without gettext's tools.

python tools/compile_messages.py            write what has changed
python tools/compile_messages.py --missing  name the messages of the sources that a catalogue lacks, and compile nothing
"""

from __future__ import annotations

import ast
import gettext
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from django.contrib import admin
from django.utils.translation.template import templatize

SOURCES = Path(__file__).resolve().parents[1] / "src" / "carillon"
_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_LITERAL = r"u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_IN_TEMPLATE = re.compile(rf"\b(?:_|gettext|ngettext)\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?")
_KEYWORD = re.compile(r"(msgid|msgid_plural|msgstr)(?:\[(\d)\])? (\".*\")")

Message = tuple[str, ...]


def catalogues() -> list[Path]:
    """Every catalogue of the package."""
    return sorted(SOURCES.glob("*/locale/*/LC_MESSAGES/django.po"))


def used(feature: Path) -> set[Message]:
    """The messages in a feature's sources and templates: (text,) or (singular, plural)."""
    found: set[Message] = set()
    for path in feature.rglob("*.py"):
        found.update(_in_python(path.read_text(encoding="utf-8")))
    for path in feature.glob("templates/**/*.html"):
        pseudo = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        found.update(tuple(ast.literal_eval(text) for text in match if text) for match in _IN_TEMPLATE.findall(pseudo))
    return found


def read(catalogue: Path) -> dict[Message, Message]:
    """A catalogue's translations by message; the header is under the empty text."""
    entries: list[dict[str, str]] = []
    last = ""
    for line in catalogue.read_text(encoding="utf-8").splitlines():
        if match := _KEYWORD.fullmatch(line):
            keyword, index, text = match.groups()
            if keyword == "msgid":
                entries.append({})
            last = keyword + (index or "")
            entries[-1][last] = ast.literal_eval(text)
        elif line.startswith('"'):
            entries[-1][last] += ast.literal_eval(line)
    return {_message(entry): _translation(entry) for entry in entries}


def compiled(translations: dict[Message, Message]) -> bytes:
    """The same in the binary form that Python's gettext reads."""
    pairs = sorted(
        ("\0".join(message).encode(), "\0".join(said).encode()) for message, said in translations.items() if all(said)
    )
    start = 7 * 4 + 16 * len(pairs)
    keys, values, bodies = [], [], b""
    for side, table in ((0, keys), (1, values)):
        for pair in pairs:
            table += [len(pair[side]), start + len(bodies)]
            bodies += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + struct.pack(f"<{4 * len(pairs)}I", *keys, *values) + bodies


def missing(catalogue: Path) -> list[Message]:
    """What the sources of its feature say and neither this catalogue nor that of Django's admin translates."""
    translations, language = read(catalogue), catalogue.parents[1].name
    djangos = gettext.translation("django", Path(admin.__file__).with_name("locale"), [language])
    return sorted(
        message
        for message in used(catalogue.parents[3])
        if not all(translations.get(message, ("",))) and _said(djangos, message) == message[0]
    )


def _said(by: gettext.NullTranslations, message: Message) -> str:
    return by.gettext(message[0]) if len(message) == 1 else by.ngettext(message[0], message[1], 1)


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            texts = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            if texts and all(isinstance(text, str) for text in texts):
                yield tuple(str(text) for text in texts)


def _message(entry: dict[str, str]) -> Message:
    return (entry["msgid"], entry["msgid_plural"]) if "msgid_plural" in entry else (entry["msgid"],)


def _translation(entry: dict[str, str]) -> Message:
    return tuple(text for name, text in sorted(entry.items()) if name.startswith("msgstr"))


def main() -> None:
    """Compile, or name what is missing."""
    for catalogue in catalogues():
        if "--missing" in sys.argv:
            print(*(f"{catalogue.parent.parent.name}: {message}" for message in missing(catalogue)), sep="\n")
        else:
            catalogue.with_suffix(".mo").write_bytes(compiled(read(catalogue)))


if __name__ == "__main__":
    main()
