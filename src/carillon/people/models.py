"""Profile beside the host's user model, Ticket for opening a socket once, SignIn for one device's session."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


def validate_avatar(value: str) -> None:
    """Refuse what is neither a path of this site nor an http(s) address: it ends up in an `src`."""
    is_path = value.startswith("/") and not value.startswith("//")
    if value and not is_path and not value.startswith(("https://", "http://")):
        raise ValidationError("A path starting with / or an http(s) address is expected.")


class Profile(models.Model):
    """What Carillon knows of a person beside the host's user; without a row the defaults of `queries` hold."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="carillon_profile")
    display_name = models.CharField(max_length=150, blank=True, default="", db_default="")
    role = models.CharField(max_length=80, blank=True, default="", db_default="")
    avatar_url = models.CharField(max_length=500, blank=True, default="", db_default="", validators=[validate_avatar])
    language = models.CharField(max_length=16, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A password changed by our action keeps the stamp of open sockets: it names the others that it cuts.
    stamp = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    stamp_of = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)

    def __str__(self) -> str:
        return self.display_name or f"profile of {self.user_id}"


class SignIn(models.Model):
    """One signed-in device: the family of refresh tokens that goes back to one password entry.

    `refresh_jti` is the only good refresh token; `rotated` holds the ones just replaced, as [id, seconds since 1970].
    """

    sid = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    refresh_jti = models.CharField(max_length=64)
    rotated = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.sid} of {self.user_id}"


class Ticket(models.Model):
    """A right to open one socket once, within seconds; only the SHA-256 of the ticket is kept.

    `session` and `session_expires_at` are those of the credential it was bought with.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=64, blank=True)
    session_expires_at = models.FloatField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"
