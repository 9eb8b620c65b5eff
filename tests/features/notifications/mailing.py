"""What tests of e-mails start from, and how they read one."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from carillon.notifications import actions, kinds, notify, register_kind

SITE = "https://bells.example.org"
SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "127.0.0.1",
    "DEFAULT_FROM_EMAIL": "LinkDeal <bells@example.org>",
}


def begin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that is mailed at once, on a server that knows its address."""
    settings.CARILLON = {**settings.CARILLON, "PUBLIC_URL": SITE, "SITE_NAME": "LinkDeal"}
    settings.DEFAULT_FROM_EMAIL = SMTP["DEFAULT_FROM_EMAIL"]
    monkeypatch.setattr(kinds, "_kinds", {})
    texts = {
        "fr": ("Séance avec {{ mentor }}", "Elle commence à {{ at }}.\nÀ tout de suite !"),
        "en": ("Session with {{ mentor }}", "It begins at {{ at }}.\nSee you there!"),
    }
    register_kind("session", texts, type="event", url="/sessions/7", outlets=["email"], outlet_delay=0)


class Page(HTMLParser):
    """What a mail program would show and open of an HTML part."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.lang = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on")], given
        self.tags.append(tag)
        self.lang = self.lang or given.get("lang") or ""
        if given.get("href"):
            self.links.append(given["href"] or "")

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.text += data


def send(user: Any, *args: Any, **options: Any) -> EmailMultiAlternatives:
    """Notify, have it mailed, and return the one message that came of it."""
    mail.outbox.clear()
    notify(user, *args, **options)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=2)):
        actions.dispatch("email")
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def parts(message: EmailMultiAlternatives) -> tuple[str, Page]:
    [(source, kind)] = message.alternatives
    assert kind == "text/html"
    return str(message.body), Page(str(source))
