"""The tables as they are, read past the server and without any of its code."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg


class Rows:
    """A database that a server has left."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder

    def __call__(self, query: str) -> list[tuple[Any, ...]]:
        """What this query finds."""
        if self._url:
            with psycopg.connect(self._url) as connection:
                return connection.execute(query.encode()).fetchall()
        [path] = self._folder.glob("*.sqlite3")
        with sqlite3.connect(path) as connection:
            return connection.execute(query).fetchall()
