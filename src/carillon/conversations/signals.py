"""Signals for hosts, at the rim: nothing of ours listens to them."""

from __future__ import annotations

import logging

from django.dispatch import Signal

from carillon.conversations.models import Message

logger = logging.getLogger(__name__)

# Sent with `message`, the row, after its commit; a failing receiver is logged and undoes nothing.
message_sent = Signal(use_caching=True)


def is_heard() -> bool:
    """Whether anybody listens."""
    # Each message asks; to look for those of a sender takes longer.
    return bool(message_sent.receivers) and message_sent.has_listeners(Message)


def send_sent(message: Message) -> None:
    """Send `message_sent` for a message that is committed."""
    for receiver, answer in message_sent.send_robust(Message, message=message):
        if isinstance(answer, Exception):
            logger.error("receiver %r of message_sent failed", receiver, exc_info=answer)
