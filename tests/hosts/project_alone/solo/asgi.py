"""The ASGI application, with Carillon's sockets in front."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solo.settings")
django = get_asgi_application()

from carillon.realtime.mount import mount  # noqa: E402 - once Django is set up

application = mount(django)
