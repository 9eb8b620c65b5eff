"""Lease: who may do a thing that only one process should do, and until when by the database's clock."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """A named right of one holder until `expires_at`, in seconds since 1970 by the database's clock."""

    name = models.CharField(max_length=100, primary_key=True)
    holder = models.CharField(max_length=100)
    expires_at = models.FloatField()

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"
