"""A kind of the demonstration, worded in both languages."""

from __future__ import annotations

from carillon.notifications import register_kind

GREETING = "demo.greeting"


def register() -> None:
    """Register it; each recipient reads it in their own language."""
    register_kind(
        GREETING,
        {
            "fr": ("{{ name }} vous salue", "Ce message est écrit dans la langue de qui le reçoit."),
            "en": ("{{ name }} says hello", "This message is written in the language of whoever receives it."),
        },
        type="message",
        description="A greeting from whoever is signed in.",
    )
