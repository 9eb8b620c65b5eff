"""Writes the generated pages of docs/reference; `--check` only tells whether they are right."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import covers  # noqa: E402

REQUIREMENTS_PAGE = Path("docs/reference/requirements.md")
SETTINGS_PAGE = Path("docs/reference/settings.md")
PROTOCOL_PAGE = Path("docs/reference/protocol.md")
PROTOCOL_INTRO = Path("docs/reference/protocol.intro.md")
SOURCES = {
    "000": "notifications and chat in one Django project",
    "001": "booking of mentoring sessions with reminders",
    "002": "one chat socket for many rooms",
    "003": "notifications, meetings and file upload",
    "004": "chat and matching",
}


def requirements_page() -> str:
    """Return the page of requirements: one table a source, each number with its state."""
    covered = covers.scan()
    listed = covers.requirements()
    lines = [
        "# Requirements",
        "",
        "What the five systems ask for that Carillon was designed after, by number. *Covered* means that a test marked",
        "with the number shows it; *planned*, that it is still to come; *refused*, that it will not be done, and why.",
        "",
        f"**{len(covered)} of {len(listed)} covered.** This page is generated (`make docs`) from `requirements.csv`",
        "and the marks in the tests.",
    ]
    for source, about in SOURCES.items():
        mine = [item for item in listed.values() if item.source == source]
        done = sum(item.number in covered for item in mine)
        lines += ["", f"## {source}: {about}", "", f"{done} of {len(mine)} covered.", ""]
        lines += ["| number | asks | state |", "| --- | --- | --- |"]
        lines += [f"| {item.number} | {_cell(item.asks)} | {_state(item, covered)} |" for item in mine]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the page of the `CARILLON` setting: each key with its type, default and meaning."""
    from carillon import conf

    lines = [
        "# The `CARILLON` setting",
        "",
        "One dictionary in Django's settings. Every key may be left out; an unknown key or a value of another type is",
        "a system check error (`carillon.E001`). This page is generated (`make docs`) from `carillon.conf`.",
        "",
        "| key | type | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    defaults = conf.Settings()
    for key in dataclasses.fields(conf.Settings):
        kind = str(key.type)
        default = getattr(defaults, key.name)
        lines.append(f"| `{key.name}` | `{kind}` | `{default!r}` | {_cell(key.metadata['doc'])} |")
    return "\n".join(lines) + "\n"


def protocol_page() -> str:
    """Return the page of the native protocol: its introduction, then every command and every event."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carillon.server.settings")
    import django
    import msgspec

    django.setup()
    from carillon.realtime.command import registered_commands
    from carillon.realtime.event import registered_facts
    from carillon.realtime.exchange import BUILT_IN

    def fields(struct: type[msgspec.Struct]) -> str:
        found = msgspec.structs.fields(struct)
        return ", ".join(f"`{field.encode_name}{'' if field.required else '?'}`" for field in found) or "–"

    commands = {name: (params, reply, _sentence(params)) for name, (params, reply) in BUILT_IN.items()}
    commands["ping"] = (*BUILT_IN["ping"], "The client is still there.")
    for name, each in registered_commands().items():
        if not _is_ours(each.handler):
            continue
        commands[name] = (each.params, each.reply, _sentence(each.handler))
    lines = [(ROOT / PROTOCOL_INTRO).read_text(encoding="utf-8").rstrip(), "", "## Commands", ""]
    lines += _table(
        "command",
        ("data", "reply", "meaning"),
        ((name, fields(params), fields(reply), meaning) for name, (params, reply, meaning) in commands.items()),
    )
    lines += ["", "## Events", ""]
    lines += _table(
        "event",
        ("data", "meaning"),
        ((name, fields(fact), _sentence(fact)) for name, fact in sorted(registered_facts().items()) if _is_ours(fact)),
    )
    return "\n".join(lines) + "\n"


def _is_ours(thing: Any) -> bool:
    """Whether it is part of the package: a host, or a test in the same process, registers its own beside."""
    return str(thing.__module__).startswith("carillon.")


def _table(first: str, others: Iterable[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    names = [first, *others]
    lines = ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
    return lines + [f"| `{row[0]}` | " + " | ".join(_cell(cell) for cell in row[1:]) + " |" for row in rows]


def _sentence(thing: object) -> str:
    return " ".join((thing.__doc__ or "").split())


def _state(item: covers.Requirement, covered: dict[str, list[str]]) -> str:
    if item.refused:
        return f"refused: {_cell(item.refused)}"
    return "covered" if item.number in covered else "planned"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;") if "`" not in text else text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` return 1 when one of them is out of date."""
    stale = []
    pages = {REQUIREMENTS_PAGE: requirements_page, SETTINGS_PAGE: settings_page, PROTOCOL_PAGE: protocol_page}
    for path, make in pages.items():
        made = make()
        place = ROOT / path
        if place.exists() and place.read_text(encoding="utf-8") == made:
            continue
        stale.append(str(path))
        if "--check" not in arguments:
            place.write_text(made, encoding="utf-8")
    if stale:
        print(("out of date: " if "--check" in arguments else "wrote ") + ", ".join(stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
