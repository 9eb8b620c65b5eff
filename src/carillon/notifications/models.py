"""Tables of notifications: the entries, each person's counters, and what waits to be done."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SEVERITIES = ("info", "success", "warning", "error")
# Spaces, control characters and backslashes, which browsers take for something else.
_NEVER_IN_URLS = re.compile(r"[\x00-\x20\\]")
TYPES = ("message", "email", "contact", "event", "system")


def new_id() -> str:
    """Twelve hex digits (REQUIREMENTS 000-11)."""
    return secrets.token_hex(6)


def new_ids(count: int) -> list[str]:
    """So many of them, asked of the system at once."""
    digits = secrets.token_hex(6 * count)
    return [digits[start : start + 12] for start in range(0, len(digits), 12)]


class RandomId(Func):
    """The same made by the database, for rows inserted with SQL alone."""

    arity = 0

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, tuple[str | int, ...]]:
        """Six random bytes in hex."""
        return "(lower(hex(randomblob(6))))", ()

    def as_postgresql(
        self, compiler: Any, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Six bytes of a random UUID in hex."""
        return "substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)", ()


def is_safe_url(url: str) -> bool:
    """Whether a click may open it: a path of this site, or http(s)."""
    if _NEVER_IN_URLS.search(url):
        return False
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def validate_url(url: str) -> None:
    """Refuse what a click may not open; raises ValidationError."""
    if url and not is_safe_url(url):
        raise ValidationError("A path starting with / or an http(s) address is needed.", code="invalid")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Readings of the table that have a name."""

    def announced(self) -> NotificationQuerySet:
        """Those that their person has been told of."""
        return self.filter(number__isnull=False)

    def pending(self) -> NotificationQuerySet:
        """Those inserted behind our back, or in a host's transaction, and not told of yet."""
        return self.filter(announced_at__isnull=True)

    def in_inbox(self) -> NotificationQuerySet:
        """Announced, neither archived nor snoozed: what the counters count."""
        return self.announced().filter(archived_at__isnull=True, snoozed_until__isnull=True)


class Notification(models.Model):
    """One entry for one person. Columns up to `created_at` are those of REQUIREMENTS 000-11; NOT NULL ones have database defaults.

    `number` is given at announcement: it grows per person, orders their inbox and bounds "all up to here".
    """

    id = models.CharField(max_length=12, primary_key=True, default=new_id, db_default=RandomId())
    # What is unique begins with it: an index of its own would be a second one, and every renewal writes to each.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("for"), db_index=False
    )
    type = models.CharField(_("type"), max_length=32, default="system", db_default="system")
    title = models.CharField(_("title"), max_length=255, default="", db_default="")
    message = models.TextField(_("message"), default="", db_default="", blank=True)
    message_id = models.CharField(max_length=64, default="", db_default="", blank=True)
    data = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    is_read = models.BooleanField(_("read"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now())

    number = models.BigIntegerField(null=True, editable=False)
    announced_at = models.DateTimeField(_("announced"), null=True, editable=False)
    severity = models.CharField(
        _("severity"), max_length=16, default="info", db_default="info", choices=[(s, s) for s in SEVERITIES]
    )
    kind = models.CharField(_("kind"), max_length=100, default="", db_default="", blank=True)
    params = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    url = models.CharField(_("link"), max_length=2000, default="", db_default="", blank=True, validators=[validate_url])
    icon = models.CharField(_("icon"), max_length=64, default="", db_default="", blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("from")
    )
    group_key = models.CharField(max_length=200, default="", db_default="", blank=True)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)
    source = models.UUIDField(null=True, editable=False)
    # Worded for the person; with what their commands are called with, which clients do not see.
    buttons = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True, editable=False
    )
    # The name of the button that was pressed, its label, what to say instead of the buttons, and when.
    pressed = models.JSONField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    snoozed_until = models.DateTimeField(null=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        ordering = (F("number").desc(nulls_first=True), "-created_at")
        constraints = (
            models.UniqueConstraint(fields=("user", "number"), name="carillon_notification_number"),
            # Most rows have neither, and stand in neither index.
            models.UniqueConstraint(
                fields=("user", "dedupe_key"),
                condition=Q(dedupe_key__isnull=False),
                name="carillon_notification_dedupe",
            ),
            models.UniqueConstraint(
                fields=("user", "source"), condition=Q(source__isnull=False), name="carillon_notification_source"
            ),
        )
        indexes = (
            models.Index(fields=("user", "group_key"), condition=Q(is_read=False), name="carillon_notification_unread"),
            models.Index(fields=("user",), condition=Q(announced_at=None), name="carillon_notification_pending"),
            models.Index(
                fields=("snoozed_until",),
                condition=Q(snoozed_until__isnull=False),
                name="carillon_notification_snoozed",
            ),
            models.Index(fields=("user", "kind", "created_at"), name="carillon_notification_kind"),
        )

    def __str__(self) -> str:
        return self.title or self.kind or self.pk

    @property
    def is_counted(self) -> bool:
        """Whether it stands in the inbox, where counters count it."""
        return self.number is not None and self.archived_at is None and self.snoozed_until is None

    @property
    def counts(self) -> tuple[int, int]:
        """What it adds to (unread, unseen)."""
        return int(self.is_counted and not self.is_read), int(self.is_counted and self.seen_at is None)


class Inbox(models.Model):
    """One person's counters, kept in the transaction of every change and sent as absolute values; `version` grows with each."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("person")
    )
    unread = models.IntegerField(_("unread"), default=0, db_default=0)
    unseen = models.IntegerField(_("unseen"), default=0, db_default=0)
    version = models.BigIntegerField(default=0, db_default=0)
    last_number = models.BigIntegerField(_("last number"), default=0, db_default=0)
    checked_at = models.DateTimeField(_("checked"), default=timezone.now, db_default=Now(), db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("inbox"), _("inboxes")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.unread} unread"


class StagedChange(models.Model):
    """A change made inside a host's transaction, to be counted and told right after its commit."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    type = models.CharField(max_length=32)
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.type}"


class Fanout(models.Model):
    """A notification for many people, stored and announced in the background; `done` counts the recipients passed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    content = models.JSONField()
    total = models.IntegerField(default=0, db_default=0)
    done = models.IntegerField(default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("fan-out"), _("fan-outs")
        indexes = (models.Index(fields=("created_at",), condition=Q(finished_at=None), name="carillon_fanout_open"),)

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


class FanoutBatch(models.Model):
    """Some recipients of a fan-out that were not passed yet, by their keys as text; deleted when all of them are.

    Without `due_at` it is due; one that failed waits until then, by the database's clock.
    """

    fanout = models.ForeignKey(Fanout, models.CASCADE, related_name="batches")
    recipients = models.JSONField()
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.fanout_id}: {len(self.recipients)} left"


class BrakeRecord(models.Model):
    """Notifications of one kind that were held back from one person within a minute, because they came too fast."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=100, blank=True)
    minute = models.DateTimeField(_("minute"))
    held = models.IntegerField(_("held back"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("line of the brake’s log"), _("brake’s log")
        constraints = (models.UniqueConstraint(fields=("user", "kind", "minute"), name="carillon_brake_minute"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: {self.held} held"


class Delivery(models.Model):
    """A notification on its way to one person through one outlet, and then the record of it.

    While somebody sends it, `due_at` is when another may; `attempts` tells the two apart. `notification_id` is no foreign
    key: whoever deletes a notification need not look here, and the record stays.
    """

    class State(models.TextChoices):
        """What became of it; only what is pending is looked at again."""

        PENDING = "pending", _("waiting")
        SENT = "sent", _("handed over")
        SKIPPED = "skipped", _("not needed")
        FAILED = "failed", _("given up")

    notification_id = models.CharField(max_length=12)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("for"))
    outlet = models.CharField(_("outlet"), max_length=32)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.PENDING, db_default=State.PENDING
    )
    # Why it was not needed, or what went wrong last.
    reason = models.CharField(_("reason"), max_length=500, default="", db_default="", blank=True)
    attempts = models.IntegerField(_("attempts"), default=0, db_default=0)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("notification_id", "outlet"), name="carillon_delivery_once"),)
        indexes = (
            models.Index(fields=("outlet", "due_at"), condition=Q(state="pending"), name="carillon_delivery_due"),
            models.Index(fields=("finished_at",), name="carillon_delivery_finished"),
        )

    def __str__(self) -> str:
        return f"{self.notification_id} by {self.outlet}"


class OptOut(models.Model):
    """Somebody wants nothing through this outlet any more."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    outlet = models.CharField(_("outlet"), max_length=32)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("opt-out"), _("opt-outs")
        constraints = (models.UniqueConstraint(fields=("user", "outlet"), name="carillon_opt_out"),)

    def __str__(self) -> str:
        return f"{self.user_id}: no {self.outlet}"
