"""A loop that stands still, for each test of the kernel that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.node import Node
from tests.kernel.virtual_time import VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    """A loop in virtual time; what fails on it unseen fails the test."""
    made = VirtualLoop()
    yield made
    made.finish()
    assert not made.failures


@pytest.fixture
def node(loop: VirtualLoop) -> Node:
    """A hub with nothing in its log yet."""
    return Node(loop)
