"""Writes that carry a key happen once, however often they are asked for (GUARANTEES G6)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import OperationalError
from django.utils import timezone

from carillon.errors import Conflict, Invalid
from carillon.realtime import log
from carillon.realtime.cursors import cursor_for
from carillon.realtime.models import IdempotencyKey
from carillon.realtime.outbox import action, in_transaction, outbox
from carillon.realtime.relation import chunks, relation

MAX_KEY = 128
_TABLE = IdempotencyKey._meta.db_table
_KEY = '"key"'
# The same for a struct as for the dict of its fields: a key counts over REST and sockets.
_canonical = msgspec.json.Encoder(order="sorted")


class Once(msgspec.Struct, frozen=True):
    """What makes two requests the same: who asked for what under which key; `fingerprint` tells requests apart."""

    principal: str
    operation: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, principal: str, operation: str, key: str, request: Any) -> Once:
        """Raises Invalid for a bad key."""
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            raise Invalid("invalid", f"An idempotency key has 1 to {MAX_KEY} printable characters.")
        return cls(principal, operation, key, hashlib.sha256(_canonical.encode(request)).hexdigest())

    @property
    def place(self) -> tuple[str, str, str]:
        """What only one request may have."""
        return self.principal, self.operation, self.key


def run_once(
    principal: str, operation: str, key: str, request: Any, work: Callable[[], Callable[[], bytes]]
) -> tuple[bytes, bool]:
    """Do `work` unless this principal already did this operation under this key; returns the answer and whether it is an old one.

    `work` writes, and returns a function that makes the answer once positions are known. The answer commits with the
    writes. Raises Invalid for a bad key, Conflict `idempotency_mismatch` for another request under the same key and
    `in_progress` while the first one runs; what `work` raises is not stored.
    """
    return do_once(Once.of(principal, operation, key, request), work)


@action
def do_once(once: Once, work: Callable[[], Callable[[], bytes]]) -> tuple[bytes, bool]:
    """`run_once` for a request that is described already."""
    is_nested = in_transaction()
    with outbox() as publish:
        row = _claim(once)
        if row is None:
            answer = earlier_answer(once)
            assert answer is not None  # noqa: S101 - who claims finds a key, or makes it
            return answer, True
        make_answer = work()
        answers: list[bytes] = []

        def keep() -> None:
            answers.append(make_answer())
            IdempotencyKey.objects.filter(pk=row.pk).update(answer=answers[0].decode())

        if is_nested:
            # Positions come when whoever opened the transaction commits it.
            keep()
        else:
            publish.before_commit(keep)
    return answers[0], False


class Claims:
    """The keys of many requests, no two the same, in a transaction.

    Those used before are `earlier`, with their answer or a Conflict; the others are ours now.
    """

    def __init__(self, onces: Sequence[Once]) -> None:
        self.earlier: dict[object, bytes | Conflict] = {}
        self._ids: dict[Once, int] = {}
        if onces:
            # In one order everywhere: who waits for a key of somebody's holds none that they wait for.
            self._insert(sorted(onces, key=lambda once: once.place))
            self._find([once for once in onces if once not in self._ids])

    def _insert(self, onces: Sequence[Once]) -> None:
        now = log.connection().ops.adapt_datetimefield_value(timezone.now())
        found = self._run(
            f"INSERT INTO {_TABLE} (principal, operation, {_KEY}, fingerprint, created_at)"  # noqa: S608
            f" SELECT column1, column2, column3, column4, column5 FROM {{given}} WHERE true"
            f" ON CONFLICT (principal, operation, {_KEY}) DO NOTHING RETURNING principal, operation, {_KEY}, id",
            ("text", "text", "text", "text", "timestamptz"),
            [(*once.place, once.fingerprint, now) for once in onces],
        )
        ids = {row[:3]: row[3] for row in found}
        self._ids = {once: ids[once.place] for once in onces if once.place in ids}

    def _find(self, onces: Sequence[Once]) -> None:
        if not onces:
            return
        found = self._run(
            f"SELECT stored.principal, stored.operation, stored.{_KEY}, stored.fingerprint, stored.answer"  # noqa: S608
            f" FROM {{given}} JOIN {_TABLE} stored ON stored.principal = column1 AND stored.operation = column2"
            f" AND stored.{_KEY} = column3",
            ("text", "text", "text"),
            [once.place for once in onces],
        )
        answers = {row[:3]: row[3:] for row in found}
        for once in onces:
            fingerprint, answer = answers[once.place]
            self.earlier[once] = answer.encode() if fingerprint == once.fingerprint else _mismatch()

    def keep(self, answers: Mapping[Once, bytes]) -> None:
        """Store the answers to requests of ours."""
        rows = [(self._ids[once], answer.decode()) for once, answer in answers.items()]
        if rows:
            self._run(
                f"UPDATE {_TABLE} SET answer = column2 FROM {{given}} WHERE id = column1 RETURNING id",  # noqa: S608
                ("bigint", "text"),
                rows,
            )

    def release(self, onces: Iterable[Any]) -> None:
        """Give up keys of ours, so that the requests may be made again."""
        ids = [self._ids[once] for once in onces if once in self._ids]
        if ids:
            IdempotencyKey.objects.using(log.alias()).filter(pk__in=ids).delete()

    def _run(self, statement: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        connection, found = log.connection(), []
        with cursor_for(connection) as cursor:
            for chunk in chunks(rows):
                given, values = relation(connection, "given", types, chunk)
                cursor.execute(statement.format(given=given), values)
                found += cursor.fetchall()
        return found


def _mismatch() -> Conflict:
    return Conflict("idempotency_mismatch", "This key was used for another request.")


def _claim(once: Once) -> IdempotencyKey | None:
    """Insert the key, waiting for whoever is inserting it now; None where it was there already."""
    row = IdempotencyKey(**msgspec.structs.asdict(once), created_at=timezone.now())
    try:
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == "55P03":
            raise Conflict("in_progress", "The same request is being carried out.", retry_after=1) from error
        raise
    return IdempotencyKey.objects.filter(**msgspec.structs.asdict(once), answer="").first()


def earlier_answer(once: Once) -> bytes | None:
    """The answer to a request that was carried out before; raises Conflict for another one under its key."""
    stored = IdempotencyKey.objects.filter(principal=once.principal, operation=once.operation, key=once.key).first()
    if stored is None:
        return None
    if stored.fingerprint != once.fingerprint:
        raise _mismatch()
    return stored.answer.encode()


def forget_answers(before: dt.datetime, limit: int = 1000) -> int:
    """Drop keys older than `before`; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:limit]
    return IdempotencyKey.objects.filter(pk__in=list(old)).delete()[0]
