"""`carillon schema`: writes protocol/schema/ from the code: the socket as JSON Schema and AsyncAPI, REST as OpenAPI."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from carillon import __version__
from carillon.dialects.native.schema import asyncapi, native_schema
from carillon.server.urls import api_urlpatterns


def documents() -> dict[str, Any]:
    """Every generated document, by file name."""
    openapi = SchemaGenerator(patterns=api_urlpatterns)  # type: ignore[no-untyped-call]
    return {
        "native.json": native_schema(),
        "asyncapi.json": asyncapi(__version__),
        "openapi.json": openapi.get_schema(request=None, public=True),  # type: ignore[no-untyped-call]
    }


class Command(BaseCommand):
    """Writes the schemas, or says which are out of date."""

    help = "Write the generated schemas; with --check only say whether they are up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and whether to write at all."""
        parser.add_argument("--folder", type=Path, default=Path("protocol/schema"), help="default: %(default)s")
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        folder: Path = options["folder"]
        with translation.override("en"):
            texts = {name: _text(document) for name, document in documents().items()}
        stale = [name for name, text in texts.items() if _present(folder / name) != text]
        if options["check"]:
            if stale:
                raise CommandError(f"Out of date: {', '.join(stale)}. Run: carillon schema")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / name).write_text(texts[name], encoding="utf-8")
            self.stdout.write(f"{folder / name} written")


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _present(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
