"""Sockets, for a process beside the WSGI ones."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "counter.settings")
django = get_asgi_application()

from carillon.realtime.mount import mount  # noqa: E402 - once Django is set up

application = mount(django)
