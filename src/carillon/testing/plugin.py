"""The pytest plugin: two fixtures, which do nothing until a test asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from carillon.testing.captured import Captured


@pytest.fixture
def carillon_outbox(db: None) -> Iterator[Captured]:
    """The notifications made since the test began; needs pytest-django."""
    from carillon.testing import Captured

    captured = Captured()
    captured.open()
    yield captured


@pytest.fixture
def carillon_sweeps(db: None) -> Callable[..., dict[str, int]]:
    """Run background work now: carillon_sweeps(*names, at=…); needs pytest-django."""
    from carillon.testing import run_sweeps

    return run_sweeps
