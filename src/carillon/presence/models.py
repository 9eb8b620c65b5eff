"""LastSeen: when somebody was connected last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.db import models

from carillon.people.queries import users
from carillon.realtime.relation import chunks


class LastSeenSet(models.QuerySet["LastSeen"]):
    """Rows of LastSeen."""

    def record(self, seen: Mapping[str, dt.datetime]) -> int:
        """Write when these people were seen last, in a few statements; returns how many of them there are."""
        found = {str(user.pk): user.pk for user in users(seen)}
        # In one order everywhere: two processes that write the same people must not wait for each other.
        rows = [LastSeen(user_id=key, at=seen[person]) for person, key in sorted(found.items())]
        for chunk in chunks(rows):
            self.bulk_create(chunk, update_conflicts=True, unique_fields=["user"], update_fields=["at"])
        return len(rows)


class LastSeen(models.Model):
    """When a person had a connection last, to the minute while there is one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()

    objects = LastSeenSet.as_manager()

    class Meta:
        verbose_name_plural = "last seen"

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at:%Y-%m-%d %H:%M}"
