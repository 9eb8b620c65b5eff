"""The ready-made server with the host's views: by uvicorn with our sockets or its own, or by daphne as the documents name it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import Server, running
from tests.support.tree import ROOT

SERVERS = ("uvicorn", "uvicorn-asgi", "daphne")


class ByDaphne(Server):
    """Started with the command of the documents' Procfile (REQUIREMENTS 000-43)."""

    @property
    def command(self) -> list[str]:
        daphne = Path(sys.executable).with_name("daphne")
        return [str(daphne), "carillon.server.asgi:application", "--port", str(self.port), "--bind", "127.0.0.1"]


@contextmanager
def serving(by: str, folder: Path, settings: str = "tests.dialects.host_settings", **options: str) -> Iterator[Server]:
    """Run such a server; a traceback in its log fails the test that ends it."""
    kind = ByDaphne if by == "daphne" else Server
    if by == "uvicorn-asgi":
        options["CARILLON_SOCKETS"] = "asgi"
    with running(kind(folder, PYTHONPATH=str(ROOT), DJANGO_SETTINGS_MODULE=settings, **options)) as server:
        yield server
