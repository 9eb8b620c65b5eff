"""What tests of presence start from: a store of their own, and no rule but those that they register."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from carillon.presence import stores, visibility


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stores.forget()
    monkeypatch.setattr(visibility, "_rules", [])
    monkeypatch.setattr(visibility, "_members", {})
    yield
    stores.forget()


@pytest.fixture
def quick() -> Iterator[None]:
    """Seconds that a test need not wait."""
    with override_settings(CARILLON={**django_settings.CARILLON, "PRESENCE_GRACE": 0.2, "PRESENCE_INTERVAL": 0.05}):
        yield
