"""Settings of the ready-made server, from the environment; DJANGO_SETTINGS_MODULE may name a module that extends them."""

from __future__ import annotations

from carillon.server.settings.base import *  # noqa: F403
