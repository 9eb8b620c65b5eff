"""`carillon serve`: the server, HTTP and sockets, in one process (or WEB_CONCURRENCY of them)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand

from carillon.server import serving


class Command(BaseCommand):
    """Serves until SIGTERM, then says goodbye to open sockets."""

    help = "Serve HTTP and WebSockets with uvicorn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=serving.default_port(), help="port (default: PORT, or 8000)")
        parser.add_argument("--uds", default=None, help="a Unix socket to listen on instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run uvicorn with our limits."""
        uvicorn.run(
            serving.APPLICATION, host=options["host"], port=options["port"], uds=options["uds"], **serving.options()
        )
