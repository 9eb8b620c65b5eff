"""The files of the repository, as tests of its shape see them: tracked, or about to be."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements/", "package-lock.json")


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is tracked or neither tracked nor ignored, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file()))


def sources(*tops: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """Return the source files below some top folders; what a generator wrote is left out."""
    return [
        path
        for path in files()
        if path.parts[0] in tops and path.suffix in suffixes and not {"generated", "migrations"} & set(path.parts)
    ]


def text(path: Path) -> str | None:
    """Return a file's text, or None when it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
