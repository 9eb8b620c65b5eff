"""Locking: a conversation, for what changes who is in it or what was said."""

from __future__ import annotations

from typing import Any

from carillon.conversations import queries
from carillon.conversations.actions.outcome import key_of
from carillon.conversations.models import Conversation, Membership
from carillon.people.queries import keys_of


def lock(user: Any, conversation: int) -> Membership:
    """This person's place in a conversation, which is locked; raises NotFound for who is not in it, and locks nothing."""
    key = next(keys_of([key_of(user)]), None)
    if key is None or not queries.is_key(conversation):
        raise queries.not_found()
    if Conversation.objects.of(key).filter(pk=conversation).select_for_update(of=("self",)).first() is None:
        # Nothing is locked: who is brought in at this very moment was not in it yet.
        raise queries.not_found()
    # Who was removed while we waited for the lock is not there any more.
    return queries.present_membership(key, conversation)
