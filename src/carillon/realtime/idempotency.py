"""Writes that carry a key happen once, however often they are asked for (GUARANTEES G6)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from django.db import OperationalError
from django.utils import timezone

from carillon.errors import Conflict, Invalid
from carillon.realtime.models import IdempotencyKey
from carillon.realtime.outbox import action, in_transaction, outbox

MAX_KEY = 128
_canonical = msgspec.json.Encoder(order="deterministic")


@action
def run_once(
    principal: str, operation: str, key: str, request: Any, work: Callable[[], Callable[[], bytes]]
) -> tuple[bytes, bool]:
    """Do `work` unless this principal already did this operation under this key; returns the answer and whether it is an old one.

    `work` writes, and returns a function that makes the answer once positions are known. The answer commits with the
    writes. Raises Invalid for a bad key, Conflict `idempotency_mismatch` for another request under the same key and
    `in_progress` while the first one runs; what `work` raises is not stored.
    """
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid("invalid", f"An idempotency key has 1 to {MAX_KEY} printable characters.")
    is_nested = in_transaction()
    fingerprint = hashlib.sha256(_canonical.encode(request)).hexdigest()
    with outbox() as publish:
        row = _claim(principal, operation, key, fingerprint)
        if row is None:
            return _earlier(principal, operation, key, fingerprint), True
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


def _claim(principal: str, operation: str, key: str, fingerprint: str) -> IdempotencyKey | None:
    """Insert the key, waiting for whoever is inserting it now; None where it was there already."""
    row = IdempotencyKey(
        principal=principal, operation=operation, key=key, fingerprint=fingerprint, created_at=timezone.now()
    )
    try:
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == "55P03":
            raise Conflict("in_progress", "The same request is being carried out.", retry_after=1) from error
        raise
    return IdempotencyKey.objects.filter(
        principal=principal, operation=operation, key=key, answer="", fingerprint=fingerprint
    ).first()


def _earlier(principal: str, operation: str, key: str, fingerprint: str) -> bytes:
    stored = IdempotencyKey.objects.get(principal=principal, operation=operation, key=key)
    if stored.fingerprint != fingerprint:
        raise Conflict("idempotency_mismatch", "This key was used for another request.")
    return stored.answer.encode()


def forget_answers(before: dt.datetime, limit: int = 1000) -> int:
    """Drop keys older than `before`; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:limit]
    return IdempotencyKey.objects.filter(pk__in=list(old)).delete()[0]
