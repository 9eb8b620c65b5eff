"""E-mail through Django's mail framework: a text and an HTML part in the recipient's language (REQUIREMENTS 001-12)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import select_template
from django.utils import translation

from carillon.conf import settings
from carillon.notifications import optouts
from carillon.notifications.models import Notification, is_safe_url
from carillon.notifications.outlets.base import NotNeeded, Outgoing, Rejected, Send, Unreachable
from carillon.people.queries import email_of, people_of

NAME = "email"
# Where EMAIL_TIMEOUT is not set, a server that says nothing would be waited for without end.
TIMEOUT = 20


class Email:
    """Mails to the address of the user; who has none is passed over."""

    is_for_inactive = False
    rings_again = False

    def delay_of(self, severity: str) -> float:
        """None for errors; for the rest EMAIL_DELAY."""
        return 0.0 if severity == "error" else float(settings.EMAIL_DELAY)

    @contextlib.contextmanager
    def open(self) -> Iterator[Send]:
        """One connection for the batch, opened with the first message, and again after a failure."""
        connection = get_connection()
        if getattr(connection, "timeout", 0) is None:
            connection.timeout = TIMEOUT  # type: ignore[attr-defined]

        def send(item: Outgoing) -> None:
            message = compose(item)
            message.connection = connection
            try:
                connection.open()
            except Exception as error:
                raise Unreachable(f"{type(error).__name__}: {error}") from error
            try:
                message.send()
            except ValueError as error:
                # Django's BadHeaderError is one: no other attempt will be better.
                raise Rejected(str(error)) from error
            except Exception:
                _close(connection)
                raise

        try:
            yield send
        finally:
            _close(connection)


def _close(connection: Any) -> None:
    # What was sent is sent, however the connection ends.
    with contextlib.suppress(Exception):
        connection.close()


def compose(item: Outgoing) -> EmailMultiAlternatives:
    """The message of a notification, made but not sent; raises NotNeeded where the user has no address."""
    address = email_of(item.user).strip()
    if not is_address(address):
        raise NotNeeded("no address" if not address else "not an address")
    unsubscribe = optouts.link_of(item.user, NAME)
    said = words(item.notification, item.language, unsubscribe=unsubscribe)
    headers = {"Message-ID": f"<{item.key}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
    if unsubscribe.startswith("https:"):
        # RFC 8058: the mail program posts to it, without showing a page.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(said["subject"], said["text"], to=[address], headers=headers)
    message.attach_alternative(said["html"], "text/html")
    return message


def words(row: Notification, language: str, *, unsubscribe: str = "") -> dict[str, str]:
    """The subject, text and html of a notification's e-mail in this language.

    A kind's own `carillon/email/<kind>.html` or `.txt` is taken where the host has one.
    """
    url = absolute(row.url)
    context = {
        "notification": row,
        "kind": row.kind,
        "params": row.params,
        "title": row.title or row.kind,
        "message": row.message,
        "severity": row.severity,
        "url": url,
        "actor": people_of([row.actor_id]).get(str(row.actor_id)) if row.actor_id is not None else None,
        "site": site_name(),
        "home": settings.PUBLIC_URL,
        "language": language,
        "unsubscribe": unsubscribe,
    }
    with translation.override(language):
        text, html = (
            select_template([f"carillon/email/{row.kind}{end}", f"carillon/email/notification{end}"]).render(context)
            for end in (".txt", ".html")
        )
    # One line, whatever the title holds.
    return {"subject": " ".join(str(context["title"]).split()), "text": text.strip() + "\n", "html": html}


def site_name() -> str:
    """What e-mails call the product."""
    return settings.SITE_NAME or urlsplit(settings.PUBLIC_URL).hostname or "Carillon"


def absolute(url: str) -> str:
    """The address that a click in an e-mail opens; empty where it cannot be told, or is none that may be opened."""
    if not url or not is_safe_url(url):
        return ""
    if not url.startswith("/"):
        return url
    return settings.PUBLIC_URL.rstrip("/") + url if settings.PUBLIC_URL else ""


def is_address(text: str) -> bool:
    """Whether this is one address and nothing else: no second one, no header."""
    name, _, domain = text.rpartition("@")
    return bool(name and domain) and text.isprintable() and not set(text) & set(' ,;:<>()[]"\\')


def _domain() -> str:
    """What stands behind the @ of a Message-ID: the domain of the sender."""
    return parseaddr(django_settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
