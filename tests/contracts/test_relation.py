"""Statements with relations: whose errors they raise, who sees them, and that placeholders of both kinds may stand in one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from carillon.realtime.cursors import cursor_for
from carillon.realtime.models import TopicHead
from carillon.realtime.relation import relation

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROWS = [("room:1", 3), ("room:2", 5)]


def store(floor: int = 0) -> None:
    given, values = relation(connection, "given", ("text", "bigint"), ROWS)
    with cursor_for(connection) as cursor:
        cursor.execute(
            f'INSERT INTO {TopicHead._meta.db_table} (topic, "offset", floor, incarnation)'
            f" SELECT column1, column2, %s, 0 FROM {given}",
            [floor, *values],
        )


def stored() -> list[Any]:
    return list(TopicHead.objects.order_by("topic").values_list("topic", "offset", "floor"))


def test_values_of_the_statement_and_of_its_relation_go_where_they_belong() -> None:
    store(floor=2)
    assert stored() == [("room:1", 3, 2), ("room:2", 5, 2)]


def test_what_the_database_refuses_is_an_error_of_djangos() -> None:
    store()
    with pytest.raises(IntegrityError), transaction.atomic():
        store()
    assert len(stored()) == 2


def test_in_a_transaction_that_is_broken_nothing_is_carried_out() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            store()


def test_who_logs_statements_sees_their_values() -> None:
    with CaptureQueriesContext(connection) as seen:
        store()
    assert "room:2" in seen.captured_queries[0]["sql"]
    assert len(stored()) == 2


def test_who_wraps_statements_sees_them() -> None:
    seen: list[str] = []

    def note(execute: Any, statement: str, *rest: Any) -> Any:
        seen.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(note):
        store()
    assert len(seen) == 1 and "%s" in seen[0]
