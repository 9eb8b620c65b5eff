"""The host's server without a channel layer: `get_channel_layer()` returns None."""

from __future__ import annotations

from tests.dialects.host_settings import *  # noqa: F403

CHANNEL_LAYERS: dict[str, object] = {}
