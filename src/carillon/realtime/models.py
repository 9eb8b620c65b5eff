"""Tables of the kernel: the log, its heads, what waits to enter it, and what was already answered."""

from __future__ import annotations

from django.db import models


class TopicHead(models.Model):
    """The end of one topic's log; its row lock puts offsets in commit order. Never deleted: a deleted topic keeps its incarnation."""

    topic = models.CharField(max_length=140, primary_key=True)
    offset = models.BigIntegerField(db_default=0)
    floor = models.BigIntegerField(db_default=0)
    incarnation = models.IntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.topic}@{self.offset}"


class StoredEvent(models.Model):
    """One event of the log; `at` is in milliseconds since 1970, `revokes` a JSON list or empty."""

    pk = models.CompositePrimaryKey("topic", "offset")
    topic = models.CharField(max_length=140)
    offset = models.BigIntegerField()
    type = models.CharField(max_length=100)
    data = models.TextField()
    at = models.BigIntegerField()
    revokes = models.TextField(db_default="")

    def __str__(self) -> str:
        return f"{self.topic}@{self.offset} {self.type}"


class StagedEvent(models.Model):
    """An event published inside a host's transaction: committed with it, given its offset right after."""

    topic = models.CharField(max_length=140, db_index=True)
    type = models.CharField(max_length=100)
    data = models.TextField()
    at = models.BigIntegerField()
    revokes = models.TextField(db_default="")

    def __str__(self) -> str:
        return f"{self.topic} {self.type} (staged)"


class Deployment(models.Model):
    """One row: the epoch of this database, changed by `bump_epoch` after a restore."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.epoch


class IdempotencyKey(models.Model):
    """The answer to a write that carried a key, committed with the write itself."""

    principal = models.CharField(max_length=100)
    operation = models.CharField(max_length=150)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    answer = models.TextField(db_default="")
    created_at = models.DateTimeField()

    class Meta:
        # By the key first: keys rise with time, so that those of one moment lie together, whoever asks.
        constraints = (
            models.UniqueConstraint(fields=("key", "principal", "operation"), name="carillon_idempotency_key"),
        )
        indexes = (models.Index(fields=("created_at",), name="carillon_idempotency_age"),)

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
