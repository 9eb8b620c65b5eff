"""The kind of notification that tells of messages, one for each conversation."""

from __future__ import annotations

from carillon.notifications.kinds import register_kind

NEW_MESSAGE = "new_message"


def register() -> None:
    """Word it."""
    register_kind(
        NEW_MESSAGE,
        {
            "fr": (
                "{% if count > 1 %}{{ count }} nouveaux messages {% if title %}dans {{ title }}{% else %}de {{ sender }}{% endif %}"
                "{% elif title %}{{ sender }} a écrit dans {{ title }}{% else %}{{ sender }} vous a écrit{% endif %}",
                "{{ excerpt }}",
            ),
            "en": (
                "{% if count > 1 %}{{ count }} new messages {% if title %}in {{ title }}{% else %}from {{ sender }}{% endif %}"
                "{% elif title %}{{ sender }} wrote in {{ title }}{% else %}{{ sender }} wrote to you{% endif %}",
                "{{ excerpt }}",
            ),
        },
        type="message",
        icon="chat",
        url="/messages/{{ conversation }}",
        description="Messages in a conversation that the person is not looking at; one entry for each conversation.",
    )
