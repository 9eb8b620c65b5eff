"""What every test may use: databases, servers, the browser; and the count of requirements at the end of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres
from tests.support.covers import by_source, requirements
from tests.support.server import Server

_covered: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    # In a parallel run the workers inherit the address, so the one cluster is started before them.
    if os.environ.get("CARILLON_TEST_DATABASE") == "postgres" and not hasattr(config, "workerinput"):
        postgres.shared_url()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # After they were shuffled; files stay together.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # Through reports, for the workers of a parallel run are processes of their own.
    _covered.update(number for name, number in report.user_properties if name == "covers")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("covers"):
        item.user_properties += [("covers", number) for number in mark.args]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts = by_source(_covered)
    if counts:
        parts = ", ".join(f"{source}: {count}" for source, count in counts.items())
        total = len(requirements())
        terminalreporter.write_line(f"requirements with a test in this run: {len(_covered)} of {total} ({parts})")


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """People of different tests have the same keys: who writes first in one did not write in another."""
    # Not before Django is set up.
    from carillon.conversations.api import limits

    limits.forget()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The URL of the shared PostgreSQL; create databases of your own on it with postgres.create_database."""
    return postgres.shared_url()


@pytest.fixture
def make_cluster() -> Iterator[Callable[..., postgres.Cluster]]:
    """Makes private, started PostgreSQL clusters for tests that kill them; durable unless told otherwise."""
    made: list[postgres.Cluster] = []

    def make(**options: Any) -> postgres.Cluster:
        cluster = postgres.Cluster(**{"durable": True, **options})
        made.append(cluster)
        cluster.start()
        return cluster

    yield make
    for cluster in made:
        cluster.remove()


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes ready-made servers with the demo people in, not yet started: make_server(database_url=…, **environment)."""
    made: list[Server] = []

    def make(**options: Any) -> Server:
        server = Server(tmp_path / f"server{len(made)}", **options)
        made.append(server)
        return server.prepare()

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A running ready-made server on SQLite with the demo people alice, bruno and admin."""
    return make_server().start()
