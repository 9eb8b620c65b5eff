"""The admin of conversations, for looking only: who talks with whom, and what was said where somebody asks for help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from carillon.conversations.models import Block, Conversation, Membership, Message
from carillon.notifications.admin.base import ReadOnlyAdmin
from carillon.people.queries import person_of

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Membership, Conversation]
else:
    _Inline = admin.TabularInline


class MemberInline(_Inline):
    """Who is or was in a conversation, and how far they have read."""

    model = Membership
    extra = 0
    can_delete = False
    fields = readonly_fields = ("person", "role", "joined_at", "left_at", "muted_until", "read")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """With people and marks."""
        return super().get_queryset(request).select_related("user__carillon_profile", "mark").order_by("pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: members come through the actions."""
        return False

    @admin.display(description=_("person"))
    def person(self, row: Membership) -> str:
        """The name that others see."""
        return person_of(row.user).name

    @admin.display(description=_("read up to"))
    def read(self, row: Membership) -> int:
        """The number of the last message they have read."""
        return row.mark.up_to


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Conversations, the latest first."""

    list_display = ("name", "kind", "member_count", "last_seq", "about", "created_at")
    list_filter = ("kind",)
    search_fields = ("title", "about", "=pk")
    ordering = ("-activity",)
    fields = readonly_fields = ("name", "kind", "about", "member_count", "last_seq", "created_by", "created_at")
    inlines = (MemberInline,)
    show_full_result_count = False

    @admin.display(description=_("conversation"))
    def name(self, row: Conversation) -> str:
        """Its title, or what it is."""
        return str(row)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages, the latest first."""

    list_display = ("excerpt", "from_whom", "conversation", "created_at", "edited_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("sender__carillon_profile", "conversation")
    search_fields = ("content", "=conversation__pk")
    ordering = ("-pk",)
    fields = readonly_fields = (
        *("conversation", "seq", "from_whom", "content", "quote", "system"),
        *("created_at", "edited_at", "deleted_at"),
    )
    show_full_result_count = False

    @admin.display(description=_("message"))
    def excerpt(self, row: Message) -> str:
        """Its first words."""
        return str(row)

    @admin.display(description=_("from"))
    def from_whom(self, row: Message) -> str:
        """The name that others see."""
        return "" if row.sender is None else person_of(row.sender).name


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Who does not want to hear of whom."""

    list_display = ("by", "person", "created_at")
    list_select_related = ("by", "person")
    ordering = ("-created_at",)
    fields = readonly_fields = ("by", "person", "created_at")
