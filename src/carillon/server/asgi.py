"""The ASGI application of the ready-made server: static files, sockets, and Django for the rest."""

from __future__ import annotations

import gc
import os
import sys

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carillon.server.settings")
_django = get_asgi_application()

# After Django is set up: both read its settings.
from carillon.realtime.mount import mount  # noqa: E402
from carillon.server.processes import follow_supervisor  # noqa: E402
from carillon.server.static import StaticFiles  # noqa: E402

# A thread that computes gives the loop its turn five times as soon as Python's default would: the loop asks at every
# read and write, so that signing in costs a third less of everybody's time.
sys.setswitchinterval(0.001)
follow_supervisor()

application = StaticFiles(mount(_django))

# What is loaded by now stays: each full collection that walks through it would hold the loop for some fifty milliseconds.
gc.collect()
gc.freeze()
