"""Where carillon.v1 answers."""

from __future__ import annotations

import re

from carillon.conf import settings
from carillon.dialects.native.frames import NativeDialect
from carillon.realtime.dialect import Route

ROUTES = (Route(re.compile(re.escape(settings.SOCKET_PREFIX)), NativeDialect()),)
