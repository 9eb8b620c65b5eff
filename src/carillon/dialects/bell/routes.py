"""Where source 000 answers."""

from __future__ import annotations

import re

from carillon.conf import settings
from carillon.dialects.bell.frames import BellDialect
from carillon.realtime.dialect import Route

ROUTES = (Route(re.compile(re.escape(settings.SOCKET_PREFIX) + "notifications/"), BellDialect()),)
