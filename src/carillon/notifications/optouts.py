"""Opting out: the signed link by which somebody, signed in or not, ends what an outlet sends them."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.urls import NoReverseMatch, reverse

from carillon.conf import settings
from carillon.errors import NotFound

_SALT = "carillon.notifications.optouts"


def _signer() -> signing.Signer:
    # Without a time: somebody may look for the way out in last year's e-mail.
    return signing.Signer(salt=_SALT)


def token_of(user: Any, outlet: str) -> str:
    """What the link of a person and an outlet carries; it is good for ever, and for nothing else."""
    return _signer().sign_object([str(user.pk), outlet])


def read_token(token: str) -> tuple[str, str]:
    """The key of the person and the outlet; raises NotFound for what was not made here."""
    try:
        user, outlet = _signer().unsign_object(token)
    except signing.BadSignature:
        raise NotFound("not_found", "This link is not one of ours.") from None
    return user, outlet


def link_of(user: Any, outlet: str) -> str:
    """The absolute address of the page; empty without PUBLIC_URL, or where the routes of notifications are not included."""
    if not settings.PUBLIC_URL:
        return ""
    try:
        path = reverse("carillon_notifications:opt-out", args=[token_of(user, outlet)])
    except NoReverseMatch:
        return ""
    return str(settings.PUBLIC_URL.rstrip("/") + path)
