"""Kinds of the demonstration, worded in both languages."""

from __future__ import annotations

from carillon.notifications import register_kind

GREETING = "demo.greeting"
MOVED = "demo.session_moved"
STAYED = "demo.session_stayed"


def register() -> None:
    """Register them; each recipient reads them in their own language."""
    register_kind(
        GREETING,
        {
            "fr": ("{{ name }} vous salue", "Ce message est écrit dans la langue de qui le reçoit."),
            "en": ("{{ name }} says hello", "This message is written in the language of whoever receives it."),
        },
        type="message",
        description="A greeting from whoever is signed in.",
    )
    register_kind(
        MOVED,
        {
            "fr": ("{{ name }} accepte de déplacer la séance à mardi, 17\u00a0h", ""),
            "en": ("{{ name }} agrees to move the session to Tuesday, 5 pm", ""),
        },
        type="event",
        severity="success",
        url="/notifications",
        description="An answer to a proposal, pressed in place; mailed to who has not read it a minute later.",
        outlets=("email",),
    )
    register_kind(
        STAYED,
        {
            "fr": ("{{ name }} préfère garder la séance de lundi", ""),
            "en": ("{{ name }} would rather keep the session on Monday", ""),
        },
        type="event",
        description="An answer to a proposal, pressed in place.",
    )
