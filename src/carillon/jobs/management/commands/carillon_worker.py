"""`carillon_worker`: background work in a process of its own, beside or instead of the embedded runner."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from carillon.jobs.runners.command import CommandRunner


class Command(BaseCommand):
    """Runs Carillon's sweeps until SIGTERM or SIGINT."""

    help = "Run Carillon's background work in this process until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--once` is for cron and for tests."""
        parser.add_argument("--once", action="store_true", help="Run each sweep once, then exit.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; with `--once` say what was done."""
        runner = CommandRunner()
        if options["once"]:
            for name, done in runner.run_once().items():
                self.stdout.write(f"{name}: {done}")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        self.stdout.write("Carillon's background work runs; stop it with Ctrl-C.")
        runner.run()
