"""The console script `carillon`: manage.py of the ready-made server."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a management command with the server's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carillon.server.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
