"""The ASGI application of the ready-made server: static files, sockets, and Django for the rest."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carillon.server.settings")
_django = get_asgi_application()

# After Django is set up: both read its settings.
from carillon.realtime.mount import mount  # noqa: E402
from carillon.server.static import StaticFiles  # noqa: E402

application = StaticFiles(mount(_django))
