"""What the database of a server holds, read past the server: for checkers that may trust nothing but rows."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.support.recorder import Key
from tests.support.server import Server

_EVENTS = 'SELECT topic, "offset", type, data FROM carillon_realtime_storedevent ORDER BY topic, "offset"'
_EPOCHS = "SELECT topic, epoch, incarnation FROM carillon_realtime_topichead CROSS JOIN carillon_realtime_deployment"


@dataclass(frozen=True)
class Stored:
    """One row of the event log."""

    key: Key
    type: str
    data: dict[str, Any]


def rows(server: Server, query: str) -> list[tuple[Any, ...]]:
    """Run a query on the server's database, on a connection of its own."""
    url = server.environment.get("DATABASE_URL", "")
    if url:
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()
    with closing(sqlite3.connect(server.folder / "carillon.sqlite3", timeout=30)) as file:
        return file.execute(query).fetchall()


def log(server: Server) -> list[Stored]:
    """Return the whole event log."""
    epochs = {topic: f"{epoch}.{incarnation}" for topic, epoch, incarnation in rows(server, _EPOCHS)}
    return [
        Stored((topic, epochs[topic], offset), kind, json.loads(data))
        for topic, offset, kind, data in rows(server, _EVENTS)
    ]
