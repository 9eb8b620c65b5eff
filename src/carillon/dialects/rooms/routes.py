"""Where source 002 answers."""

from __future__ import annotations

import re

from carillon.conf import settings
from carillon.dialects.rooms.frames import RoomsDialect
from carillon.realtime.dialect import Route

ROUTES = (Route(re.compile(re.escape(settings.SOCKET_PREFIX) + "chat/"), RoomsDialect()),)
