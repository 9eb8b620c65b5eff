"""The ready-made server with a few views of a host's own, in which the documents' Python runs."""

from __future__ import annotations

from carillon.server.settings import *  # noqa: F403

ROOT_URLCONF = "tests.dialects.host_urls"
