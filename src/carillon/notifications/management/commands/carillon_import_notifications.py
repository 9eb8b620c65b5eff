"""carillon_import_notifications: takes over what another package stored, in its place by time, and rings for nobody."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

from carillon.errors import CarillonError, Unavailable
from carillon.notifications.actions.importing import MAX_BATCH, Imported, import_notifications, sort_out
from carillon.notifications.foreign import HQ_TABLE, FileSource, NotificationsHQ, Row, RowMap, Source, TableSource

_ATTEMPTS = 5
_PROGRESS_EVERY = 2.0
_FAULTS_TOLD = 20


class Command(BaseCommand):
    """Imports notifications; interrupted or run again, it imports nothing twice."""

    help = (
        "Import the notifications of another package: of django-notifications-hq as they are, of others with --map. "
        "Run again, it goes on where it was interrupted, and imports nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from, and how."""
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--from", dest="alias", default=DEFAULT_DB_ALIAS, metavar="ALIAS", help="of DATABASES")
        where.add_argument("--file", type=Path, help="of dumpdata, or with a JSON object of columns on each line")
        parser.add_argument("--table", default=HQ_TABLE, help=f"default: {HQ_TABLE}")
        parser.add_argument("--recipient-column", default="recipient_id", metavar="COLUMN", help="whose a row is")
        parser.add_argument("--map", metavar="MODULE.FUNCTION", help="row (a dict) → Imported, or None to leave it out")
        parser.add_argument("--source", help="tells these rows from those of other imports (default: the table)")
        parser.add_argument("--deleted", choices=("archive", "skip"), default="archive", help="what people had deleted")
        parser.add_argument("--batch", type=int, default=500, help=f"rows in a transaction, 1 to {MAX_BATCH}")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what became of every row."""
        if not 1 <= options["batch"] <= MAX_BATCH:
            raise CommandError(f"--batch: 1 to {MAX_BATCH} expected.")
        try:
            source = _source(options)
            run = _Run(self, source, _mapping(source, options), options)
            run.carry_out()
        except KeyboardInterrupt:
            raise CommandError("Interrupted; what was imported stays. Run it again to go on.") from None
        except (CarillonError, OSError) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        if run.counts["refused"]:
            raise CommandError(f"{run.counts['refused']} rows make no sense and were left out.")


class _Run:
    def __init__(self, command: Command, source: Source, row_map: RowMap, options: dict[str, Any]) -> None:
        self._command, self._source, self._map = command, source, row_map
        self._name: str = options["source"] or options["table"]
        self._batch, self._is_dry = options["batch"], options["dry_run"]
        self.counts: Counter[str] = Counter()
        self._told_at = time.monotonic()

    def carry_out(self) -> None:
        for rows in self._source.parts():
            for batch in self._batches(self._mapped(rows)):
                done = sort_out(batch, self._name) if self._is_dry else self._import(batch)
                self.counts += Counter({"imported": done.count, "known": done.known, "nobody": done.nobody})
            self.counts["read"] += len(rows)
            self._tell_progress()
        self._tell_all()

    def _batches(self, entries: list[Imported]) -> Iterator[Sequence[Imported]]:
        """Whole people where they fit, the oldest first."""
        entries.sort(key=lambda each: (str(each.recipient), each.created_at))
        start = 0
        while start < len(entries):
            end = min(start + self._batch, len(entries))
            cut = end
            while start < cut < len(entries) and entries[cut].recipient == entries[cut - 1].recipient:
                cut -= 1
            end = cut if cut > start else end
            yield entries[start:end]
            start = end

    def _mapped(self, rows: list[Row]) -> list[Imported]:
        entries = []
        for row in rows:
            try:
                entry = self._map(row)
                if entry is not None:
                    entry.check()
                    entries.append(entry)
            except (CarillonError, LookupError, TypeError, ValueError, AttributeError) as error:
                self._refuse(row, error)
            else:
                self.counts["skipped"] += entry is None
        return entries

    def _refuse(self, row: Row, error: Exception) -> None:
        self.counts["refused"] += 1
        if self.counts["refused"] <= _FAULTS_TOLD:
            message = getattr(error, "message", f"{type(error).__name__}: {error}")
            self._command.stderr.write(f"row {row.get('id')}: {message}")

    def _import(self, batch: Sequence[Imported]) -> Any:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return import_notifications(batch, self._name)
            except Unavailable as error:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(error.retry_after or 1)
        raise AssertionError("the last attempt returns or raises")

    def _tell_progress(self) -> None:
        if time.monotonic() >= self._told_at + _PROGRESS_EVERY:
            self._told_at = time.monotonic()
            self._command.stderr.write(f"{self.counts['read']:,} of {self._source.total:,}")

    def _tell_all(self) -> None:
        counts, verb = self.counts, "would be imported" if self._is_dry else "imported"
        self._command.stdout.write(
            f"{counts['imported']:,} {verb}; {counts['known']:,} were there already, "
            f"{counts['skipped']:,} left out, {counts['nobody'] + self._source.total - counts['read']:,} for nobody we know."
        )


def _source(options: dict[str, Any]) -> Source:
    table, column = options["table"], options["recipient_column"]
    if options["file"]:
        try:
            return FileSource(options["file"], table, column)
        except json.JSONDecodeError as error:
            raise CommandError(f"{options['file']} is not JSON: {error}") from error
    if options["alias"] not in connections:
        raise CommandError(f"DATABASES has no {options['alias']!r}.")
    return TableSource(options["alias"], table, column)


def _mapping(source: Source, options: dict[str, Any]) -> RowMap:
    if not options["map"]:
        return NotificationsHQ(source.content_types, source.zone, options["deleted"])
    try:
        found: RowMap = import_string(options["map"])
    except ImportError as error:
        raise CommandError(f"--map: {error}") from error
    return found
