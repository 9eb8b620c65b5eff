"""`carillon runserver`: Django's habit, with sockets: the stock command is WSGI and has none. Reloads when DEBUG is on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import carillon
from carillon.server import serving


class Command(BaseCommand):
    """Serves for development."""

    help = "Serve HTTP and WebSockets for development; reloads changed code when DEBUG is on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address, as the stock command takes it."""
        parser.add_argument("addrport", nargs="?", default="", help="port, or address:port")
        parser.add_argument("--noreload", action="store_true", help="do not reload changed code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run uvicorn, with its reloader when wanted."""
        host, port = _address(options["addrport"])
        self.stdout.write(f"Carillon on http://{host}:{port}/ (Ctrl-C to stop)")
        reload = settings.DEBUG and not options["noreload"]
        folders = [str(Path.cwd()), str(Path(carillon.__file__).parent)] if reload else None
        uvicorn.run(serving.APPLICATION, host=host, port=port, reload=reload, reload_dirs=folders, **serving.options())


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not text:
        return "127.0.0.1", serving.default_port()
    if not port.isdecimal():
        raise CommandError(f"{text!r} is not a port, nor address:port.")
    return host.strip("[]") or "127.0.0.1", int(port)
