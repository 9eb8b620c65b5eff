"""Tables of conversations: who is in them, what was said, and how far each has read."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KINDS = ("direct", "group", "room")
ROLES = ("owner", "admin", "member")
LONGEST_TITLE = 120
LONGEST_CONTENT = 8000
LONGEST_EMOJI = 32


def now_in_microseconds() -> int:
    """What orders a person's list."""
    return int(timezone.now().timestamp() * 1_000_000)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Readings of the table that have a name."""

    def of(self, user: Any) -> ConversationQuerySet:
        """Those that this person is in now."""
        return self.filter(memberships__user=user, memberships__left_at__isnull=True)

    def unfollowed(self) -> ConversationQuerySet:
        """Those of which not every member was told what changed."""
        return self.filter(is_due=True)

    def advance(self) -> int:
        """Note a change that members see in their lists; returns in how many."""
        return self.update(version=F("version") + 1, is_due=True)


class Conversation(models.Model):
    """A direct conversation of two people, a group, or a room, whose new members see what was said before them.

    `last_seq` numbers its messages without gaps. `version` grows with every change that members see in their lists, and
    `is_due` until all of them were told.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=[(kind, kind) for kind in KINDS])
    title = models.CharField(_("title"), max_length=LONGEST_TITLE, default="", db_default="", blank=True)
    picture = models.CharField(_("picture"), max_length=2000, default="", db_default="", blank=True)
    # What the host talks about in it: `app.model:pk`.
    about = models.CharField(_("about"), max_length=200, default="", db_default="", blank=True, db_index=True)
    # The two people of a direct conversation, so that it exists once, whatever the race.
    direct_key = models.CharField(max_length=100, null=True, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    activity = models.BigIntegerField(default=now_in_microseconds, editable=False)
    last_seq = models.BigIntegerField(_("messages"), default=0, db_default=0)
    member_count = models.IntegerField(_("members"), default=0, db_default=0)
    version = models.BigIntegerField(default=0, db_default=0, editable=False)
    # A column of its own: an index on `version` would move with each message, and all the others with it (PostgreSQL's HOT).
    is_due = models.BooleanField(default=False, db_default=False, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("conversation"), _("conversations")
        indexes = (models.Index(fields=("id",), condition=Q(is_due=True), name="carillon_conversation_due"),)

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"

    def advance(self) -> None:
        """Note a change that members see in their lists; not saved here."""
        self.version += 1
        self.is_due = True

    @property
    def is_direct(self) -> bool:
        """Whether it is between two people, who are in it for good."""
        return self.kind == "direct"


class Membership(models.Model):
    """Somebody in a conversation, once per person: who comes back has the same row.

    Messages up to `visible_from` and events up to `visible_offset` are hidden from them; without that offset, which is
    known after the commit, all events are. They were told of `told`, a version of the conversation.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=8, default="member", choices=[(role, role) for role in ROLES])
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    visible_from = models.BigIntegerField(default=0, editable=False)
    visible_offset = models.BigIntegerField(null=True, editable=False)
    told = models.BigIntegerField(default=0, db_default=0, editable=False)
    # Up to which message a notification was made, and the last one that names this person.
    notified_seq = models.BigIntegerField(default=0, db_default=0, editable=False)
    mentioned_seq = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("member"), _("members")
        constraints = (models.UniqueConstraint(fields=("conversation", "user"), name="carillon_membership_once"),)
        indexes = (models.Index(fields=("user",), condition=Q(left_at=None), name="carillon_membership_present"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class ReadMark(models.Model):
    """How far a member has read: every message up to `up_to`. It only grows; unread is the sequence minus the mark."""

    membership = models.OneToOneField(Membership, models.CASCADE, primary_key=True, related_name="mark")
    up_to = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.membership_id} up to {self.up_to}"


class Message(models.Model):
    """Something said in a conversation, or a line about it (`system`, which says what happened).

    Deleted, it stays in its place without its content. `quote` is what it answers, as that stood then.
    """

    # What is unique begins with it: an index of its own would be a second one. Nothing looks for a sender but the end of an
    # account, which may look through all.
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages", verbose_name=_("in"), db_index=False
    )
    seq = models.BigIntegerField(_("number"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("from"), db_index=False
    )
    client_id = models.CharField(max_length=128, null=True, editable=False)
    content = models.TextField(_("content"), default="", db_default="", blank=True)
    mentions = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies", db_index=False)
    quote = models.JSONField(null=True, blank=True, editable=False)
    system = models.JSONField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "seq"), name="carillon_message_number"),
            # For ever: a message sent again with the same key is the same message (GUARANTEES G6). Keys rise with time, so
            # that what is stored together lies together, whoever wrote it.
            models.UniqueConstraint(fields=("client_id", "sender"), name="carillon_message_client_id"),
        )
        # Most messages answer none.
        indexes = (
            models.Index(fields=("reply_to",), condition=Q(reply_to__isnull=False), name="carillon_message_replies"),
        )

    def __str__(self) -> str:
        return self.content[:60] or f"{self.conversation_id}/{self.seq}"


class Reaction(models.Model):
    """An emoji of one person under one message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=LONGEST_EMOJI)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message", "user", "emoji"), name="carillon_reaction_once"),)

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user_id}"


class Block(models.Model):
    """Somebody who is not to write to somebody else directly, nor to see whether they are there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by"), db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("block"), _("blocks")
        constraints = (models.UniqueConstraint(fields=("by", "person"), name="carillon_block_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} by {self.by_id}"


# The names of source 002 (REQUIREMENTS 002-25).
ChatRoom = Conversation
ChatMessage = Message
