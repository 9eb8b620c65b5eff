"""Every write of conversations: REST, sockets, jobs, the admin and host code call these."""

from __future__ import annotations

from carillon.conversations.actions.blocking import block, unblock
from carillon.conversations.actions.changing import delete_message, edit_message, react
from carillon.conversations.actions.departing import depart, reconcile
from carillon.conversations.actions.following import BATCH as FOLLOW_UP_BATCH
from carillon.conversations.actions.following import follow_up
from carillon.conversations.actions.marking import mark_read, mute
from carillon.conversations.actions.members import add_members, leave, remove_member, set_role
from carillon.conversations.actions.opening import open_conversation, open_direct, update_conversation
from carillon.conversations.actions.outcome import Outcome
from carillon.conversations.actions.sending import (
    FOLLOW_UP,
    NewMessage,
    Sent,
    new_message,
    send_message,
    send_messages,
)
from carillon.conversations.actions.speaking import set_typing

__all__ = [
    "FOLLOW_UP",
    "FOLLOW_UP_BATCH",
    "NewMessage",
    "Outcome",
    "Sent",
    "add_members",
    "block",
    "delete_message",
    "depart",
    "edit_message",
    "follow_up",
    "leave",
    "mark_read",
    "mute",
    "new_message",
    "open_conversation",
    "open_direct",
    "react",
    "reconcile",
    "remove_member",
    "send_message",
    "send_messages",
    "set_role",
    "set_typing",
    "unblock",
    "update_conversation",
]
