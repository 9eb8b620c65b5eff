"""What tests of outlets start from: an outlet of their own, and a clock that they move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.features.notifications import post


@pytest.fixture
def pigeon(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that leaves by an outlet of the tests' own, and one that does not."""
    post.begin(settings, monkeypatch)


@pytest.fixture
def clock() -> Iterator[Any]:
    """Stands still at `post.START` until it is shifted."""
    with time_machine.travel(post.START, tick=False) as traveller:
        yield traveller
