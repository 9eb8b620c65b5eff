"""What `make run` does once all is installed: migrations, the demo's people, the server."""

from __future__ import annotations

import os
import sys


def main(port: str, workers: str = "") -> None:
    """Serve the demo on 127.0.0.1 until stopped, in so many processes; by default as WEB_CONCURRENCY says, or in one."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "carillon.server.settings"
    os.environ["CARILLON_DEMO"] = "1"
    os.environ["PORT"] = port
    # Where the buttons of e-mails lead.
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("demo")
    # Otherwise the address would wait in a buffer for as long as the server runs, when the output goes to a file.
    sys.stdout.flush()
    try:
        call_command("serve", host="127.0.0.1", port=port, workers=workers)
    except CommandError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
