"""Claim, renew and release leases; only the database's clock counts, for hosts may disagree on the time."""

from __future__ import annotations

from django.db import connections, router

from carillon.jobs.models import Lease

_CLOCKS = {
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}


def clock_sql(vendor: str) -> str:
    """The SQL of the database's clock in seconds since 1970; raises KeyError for a database we do not support."""
    return _CLOCKS[vendor]


def claim(name: str, holder: str, seconds: float) -> bool:
    """Take the lease, or renew it when `holder` has it already; False while another one's has not run out."""
    connection = connections[router.db_for_write(Lease)]
    table = connection.ops.quote_name(Lease._meta.db_table)
    now = clock_sql(connection.vendor)
    # The table and the clock are ours; what callers give goes in as parameters.
    statement = f"""
        INSERT INTO {table} (name, holder, expires_at) VALUES (%s, %s, {now} + %s)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
        WHERE {table}.holder = excluded.holder OR {table}.expires_at <= {now}
        RETURNING holder
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [name, holder, seconds])
        return bool(cursor.fetchall())


def release(name: str, holder: str) -> None:
    """Give the lease up, if `holder` has it, so that the next one need not wait for its end."""
    Lease.objects.filter(name=name, holder=holder).delete()
