"""Leases: one holder at a time, by the database's clock."""

from __future__ import annotations

import threading

import pytest
import time_machine
from django.db import connection, connections
from django.db.models import F

from carillon.jobs import leases
from carillon.jobs.models import Lease

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def test_a_lease_has_one_holder_until_it_runs_out() -> None:
    assert leases.claim("thing", "a", 30)
    assert not leases.claim("thing", "b", 30)
    Lease.objects.update(expires_at=F("expires_at") - 31)
    assert leases.claim("thing", "b", 30)
    assert not leases.claim("thing", "a", 30)


def test_its_holder_renews_it_and_only_its_holder_releases_it() -> None:
    assert leases.claim("thing", "a", 30)
    first = Lease.objects.get().expires_at
    assert leases.claim("thing", "a", 60)
    assert Lease.objects.get().expires_at > first + 29
    leases.release("thing", "b")
    assert not leases.claim("thing", "b", 30)
    leases.release("thing", "a")
    assert leases.claim("thing", "b", 30)


def test_the_clock_of_the_host_does_not_count() -> None:
    assert leases.claim("thing", "a", 30)
    with time_machine.travel("2040-01-01", tick=False):
        assert not leases.claim("thing", "b", 30)


def test_the_clock_of_the_database_is_in_seconds_since_1970() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {leases.clock_sql(connection.vendor)}")
        (now,) = cursor.fetchone()
    assert leases.claim("thing", "a", 30)
    assert Lease.objects.get().expires_at == pytest.approx(now + 30, abs=5)


def test_of_many_claims_at_once_one_wins() -> None:
    start = threading.Barrier(6)
    won: list[str] = []

    def claim(holder: str) -> None:
        start.wait()
        try:
            if leases.claim("thing", holder, 30):
                won.append(holder)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert Lease.objects.get().holder == won[0]
