"""Profile beside the host's user model, SignIn and Ticket for devices and sockets, ServiceKey and ExternalId for other back ends."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

# What a service key may be allowed to do.
SCOPES = ("notifications:send", "people:read", "people:write")

validate_namespace = RegexValidator(
    r"\A[a-z0-9][a-z0-9_.-]{0,63}\Z", _("Lower-case letters, digits, points, hyphens and underscores are expected.")
)


def validate_external_id(value: str) -> None:
    """Refuse what cannot stand in an address or a log line: 1 to 200 printable characters without `/` are expected."""
    is_plain = value.isprintable() and value == value.strip() and "/" not in value and value not in {".", ".."}
    if not (is_plain and 1 <= len(value) <= 200):
        raise ValidationError(_("1 to 200 printable characters without / are expected."))


def validate_avatar(value: str) -> None:
    """Refuse what is neither a path of this site nor an http(s) address: it ends up in an `src`."""
    is_path = value.startswith("/") and not value.startswith("//")
    if value and not is_path and not value.startswith(("https://", "http://")):
        raise ValidationError(_("A path starting with / or an http(s) address is expected."))


class Profile(models.Model):
    """What Carillon knows of a person beside the host's user; without a row the defaults of `queries` hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="carillon_profile", verbose_name=_("user")
    )
    display_name = models.CharField(_("display name"), max_length=150, blank=True, default="", db_default="")
    role = models.CharField(_("role"), max_length=80, blank=True, default="", db_default="")
    avatar_url = models.CharField(
        _("picture"), max_length=500, blank=True, default="", db_default="", validators=[validate_avatar]
    )
    language = models.CharField(_("language"), max_length=16, blank=True, default="", db_default="")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="", db_default="")
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A password changed by our action keeps the stamp of open sockets: it names the others that it cuts.
    stamp = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    stamp_of = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("profile"), _("profiles")

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


class ServiceKey(models.Model):
    """The key of another back end: a public prefix, and of the secret its SHA-256 alone. It is nobody's account.

    Keys of one system share a `namespace`, and with it whom they mean by an external id.
    """

    name = models.CharField(_("name"), max_length=100, help_text=_("Whose key it is, and for what."))
    namespace = models.CharField(
        _("namespace"),
        max_length=64,
        validators=[validate_namespace],
        help_text=_("The system whose ids for people it uses: billing, crm…"),
    )
    prefix = models.CharField(_("prefix"), max_length=32, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    rate_per_minute = models.PositiveIntegerField(
        _("requests a minute"), default=600, help_text=_("Requests in a minute before it is told to wait.")
    )
    created_at = models.DateTimeField(_("made at"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Empty: until it is revoked.")
    )
    # Written at most once a minute.
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("service key"), _("service keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class ExternalId(models.Model):
    """Whom the services of a namespace mean by an id of theirs; `is_ours` where the account was made for it."""

    namespace = models.CharField(_("namespace"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    is_ours = models.BooleanField(_("account made for it"), default=False)
    created_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name, verbose_name_plural = _("external id"), _("external ids")
        constraints = (models.UniqueConstraint(fields=("namespace", "external_id"), name="carillon_external_id"),)

    def __str__(self) -> str:
        return f"{self.namespace}:{self.external_id}"
