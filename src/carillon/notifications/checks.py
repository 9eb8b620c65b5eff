"""System checks of outlets: what is named exists, and mail that would leave half made is told of before it does."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import global_settings
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from carillon.conf import problems, settings
from carillon.notifications import kinds, outlets

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def check_outlets(**_: object) -> list[CheckMessage]:
    """`carillon.E006`: every outlet that is named exists, and what is posted is posted to an address and signed."""
    if problems(getattr(django_settings, "CARILLON", {})):
        return []
    return [
        Error(f"CARILLON[{key!r}] cannot be {value!r}.", hint=hint, id="carillon.E006") for key, value, hint in _wrong()
    ]


def check_mail(**_: object) -> list[CheckMessage]:
    """`carillon.W008`, `carillon.W009`: kinds are mailed, and the settings of mail, or the address of links, are half set."""
    if problems(getattr(django_settings, "CARILLON", {})) or "email" not in used() or _stays_here():
        return []
    found: list[CheckMessage] = [
        Warning(f"Notifications are mailed, and {what}.", hint=hint, id="carillon.W008") for what, hint in _half_set()
    ]
    if not settings.PUBLIC_URL:
        found.append(
            Warning(
                "Notifications are mailed, and nothing says where the application is: their e-mails have no button and no way out.",
                hint="Set CARILLON['PUBLIC_URL'], such as 'https://example.org'.",
                id="carillon.W009",
            )
        )
    return found


def used() -> set[str]:
    """The outlets by which some kind leaves."""
    return {name for kind in kinds.registered_kinds() for name in kinds.outlets_of(kind)}


def _stays_here() -> bool:
    """Whether mail is only written down, as while one develops."""
    names = ("console", "dummy", "filebased", "locmem")
    return django_settings.EMAIL_BACKEND in {f"django.core.mail.backends.{name}.EmailBackend" for name in names}


def _half_set() -> Iterator[tuple[str, str]]:
    if django_settings.DEFAULT_FROM_EMAIL == global_settings.DEFAULT_FROM_EMAIL:
        yield "they come from webmaster@localhost", "Set DEFAULT_FROM_EMAIL to an address of yours."
    if django_settings.EMAIL_BACKEND != _SMTP:
        return
    if bool(django_settings.EMAIL_HOST_USER) != bool(django_settings.EMAIL_HOST_PASSWORD):
        yield (
            "of the mail server's user and password one is missing",
            "Set EMAIL_HOST_USER and EMAIL_HOST_PASSWORD, or neither.",
        )
    if django_settings.EMAIL_HOST_USER and not (django_settings.EMAIL_USE_TLS or django_settings.EMAIL_USE_SSL):
        yield "the mail server's password goes there in clear", "Set EMAIL_USE_TLS or EMAIL_USE_SSL."


def _wrong() -> Iterator[tuple[str, object, str]]:
    known = outlets.paths()
    for path in settings.OUTLETS.values():
        try:
            import_string(path)
        except ImportError as error:
            yield "OUTLETS", path, f"The dotted path of something that can be imported is expected: {error}."
    for kind, names in settings.KIND_OUTLETS.items():
        # Letters, where somebody wrote "email" for ("email",).
        if set(names) - known.keys():
            yield "KIND_OUTLETS", {kind: names}, f"Names of outlets are expected: {', '.join(sorted(known))}."
    if settings.WEBHOOK_URL and not settings.WEBHOOK_URL.startswith(("https://", "http://")):
        yield "WEBHOOK_URL", settings.WEBHOOK_URL, "An address like 'https://example.org/hook' is expected."
    if bool(settings.WEBHOOK_URL) != bool(settings.WEBHOOK_SECRET):
        yield "WEBHOOK_URL", settings.WEBHOOK_URL, "WEBHOOK_URL and WEBHOOK_SECRET are set together."
    if settings.EMAIL_DELAY < 0:
        yield "EMAIL_DELAY", settings.EMAIL_DELAY, "It is at least 0."
