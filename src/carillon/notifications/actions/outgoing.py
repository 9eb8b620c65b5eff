"""Outgoing: what is stored for somebody may leave by an outlet too; here the rows for that are made, and nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from carillon.jobs.wake import wake
from carillon.notifications.models import Delivery
from carillon.notifications.outlets import outlet_of, sweep_of
from carillon.people.queries import key_type, key_value
from carillon.realtime import log
from carillon.realtime.outbox import Publish
from carillon.realtime.relation import chunks, relation

if TYPE_CHECKING:
    from carillon.notifications.actions.delivering import Parcel

_TABLE = Delivery._meta.db_table


def arrange(publish: Publish, parcels: Iterable[Parcel]) -> None:
    """Make the deliveries of the copies that were stored, in their transaction; no statement where no outlet is asked for."""
    wanted = [(parcel, ways) for parcel in parcels if parcel.copies and (ways := parcel.content.ways())]
    if not wanted:
        return
    now = timezone.now()
    _store(
        [
            (each.id, each.user, outlet, now + dt.timedelta(seconds=delay))
            for parcel, ways in wanted
            for outlet, delay in ways
            for each in parcel.copies
        ],
        now,
    )
    for outlet in {outlet for _, ways in wanted for outlet, delay in ways if not delay}:
        publish.after_commit(lambda outlet=outlet: wake(sweep_of(outlet)))  # type: ignore[misc]


def arrange_again(publish: Publish, parcels: Sequence[Parcel]) -> None:
    """The same for notifications that ring again; what was sent by an outlet that tells of a thing once is not sent again."""
    again: defaultdict[str, list[str]] = defaultdict(list)
    for parcel in (parcel for parcel in parcels if parcel.copies):
        for outlet, _ in parcel.content.ways():
            again[outlet] += [each.id for each in parcel.copies]
    if not again:
        return
    finished = Delivery.objects.exclude(state=Delivery.State.PENDING)
    for outlet, ids in again.items():
        old = finished if outlet_of(outlet).rings_again else finished.exclude(state=Delivery.State.SENT)
        for chunk in chunks(ids):
            old.filter(outlet=outlet, notification_id__in=chunk).delete()
    arrange(publish, parcels)


def _store(rows: Sequence[tuple[str, Any, str, dt.datetime]], now: dt.datetime) -> None:
    connection = log.connection()
    moment = connection.ops.adapt_datetimefield_value
    types = ("text", key_type(connection.alias), "text", "timestamptz")
    values = [(id, key_value(user, connection), outlet, moment(due)) for id, user, outlet, due in rows]
    for chunk in chunks(values):
        given, parameters = relation(connection, "given", types, chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_TABLE} (notification_id, user_id, outlet, due_at, created_at)"  # noqa: S608
                f" SELECT column1, column2, column3, column4, %s FROM {given} WHERE true"
                " ON CONFLICT (notification_id, outlet) DO NOTHING",
                [moment(now), *parameters],
            )
