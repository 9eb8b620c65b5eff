"""`carillon serve`: the server, HTTP and sockets, in one process or in several that share a port."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from carillon.server import processes, serving


class Command(BaseCommand):
    """Serves until SIGTERM, then says goodbye to open sockets; SIGHUP restarts without losing anybody."""

    help = "Serve HTTP and WebSockets with uvicorn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and in how many processes."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", help="port (default: PORT, or 8000)")
        parser.add_argument("--uds", default=None, help="a Unix socket to listen on instead")
        parser.add_argument("--workers", help="processes that share the port (default: WEB_CONCURRENCY, or 1)")
        parser.add_argument(
            "--sweep-only",
            action="store_true",
            default=serving.is_sweep_enough(),
            help="let several processes do without Redis: they hear of each other with the sweep (CARILLON_SWEEP_ONLY=1)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run uvicorn with our limits."""
        processes.serve(configuration(options))


def configuration(options: dict[str, Any]) -> uvicorn.Config:
    """What uvicorn is told; raises CommandError for numbers that make no sense, and for processes that would be deaf."""
    try:
        port = serving.number("--port", options["port"] or serving.default_port(), 65_535)
        workers = serving.number("--workers", options["workers"] or serving.default_workers(), serving.MOST_PROCESSES)
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
    if workers > 1 and not serving.has_shared_broker() and not options["sweep_only"]:
        raise CommandError(
            f"{workers} processes without Redis do not hear of each other at once. "
            "Set REDIS_URL, or --workers 1; or accept that they hear of each other "
            "only with the sweep: --sweep-only, or CARILLON_SWEEP_ONLY=1."
        )
    return uvicorn.Config(
        serving.APPLICATION,
        host=options["host"],
        port=port,
        uds=options["uds"],
        workers=workers,
        **serving.options(),
    )
