"""One family of errors, each raised with its slug and turned once, at the edge, into a problem document or an error frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypedDict


class Detail(TypedDict):
    """One field that was refused and why."""

    field: str
    message: str


# Slugs whose HTTP status is not that of their class (GUARANTEES 7.2).
_STATUS_OF_SLUG = {
    "too_large": 413,
    "unsupported_media": 415,
    "idempotency_mismatch": 422,
    "gone": 410,
    "internal": 500,
    "storage_full": 507,
    "type_not_allowed": 415,
    "content_mismatch": 422,
    "infected": 422,
    "scan_pending": 423,
    "image_too_large": 422,
}


class CarillonError(Exception):
    """A refusal that the caller is told of: `slug` for programs, `message` for people."""

    default_slug: ClassVar[str] = "internal"
    default_status: ClassVar[int] = 500

    def __init__(
        self,
        slug: str | None = None,
        message: str | None = None,
        *,
        details: Sequence[Detail] = (),
        retry_after: float | None = None,
    ) -> None:
        self.slug = slug or self.default_slug
        self.message = message or self.slug.replace("_", " ").capitalize() + "."
        self.details = list(details)
        self.retry_after = retry_after
        super().__init__(f"{self.slug}: {self.message}")

    @property
    def status(self) -> int:
        """The HTTP status of this error."""
        return _STATUS_OF_SLUG.get(self.slug, self.default_status)


class Invalid(CarillonError):
    """What was sent cannot be understood or is not acceptable."""

    default_slug = "invalid"
    default_status = 400


def invalid_value(field: str, message: str) -> Invalid:
    """The refusal of one value, which says in words what is wrong with it."""
    return Invalid("invalid", f"{field.capitalize()}: {message}.", details=[{"field": field, "message": message}])


class Unauthenticated(CarillonError):
    """Nobody is signed in, or the credential is not (or no longer) good."""

    default_slug = "unauthenticated"
    default_status = 401


class NotAllowed(CarillonError):
    """The person is known and may not do this."""

    default_slug = "forbidden"
    default_status = 403


class NotFound(CarillonError):
    """There is no such thing, or the person may not know that there is."""

    default_slug = "not_found"
    default_status = 404


class Conflict(CarillonError):
    """The state of things does not allow it now."""

    default_slug = "conflict"
    default_status = 409


class TooMany(CarillonError):
    """A limit was passed; `retry_after` says when to come again, in seconds."""

    default_slug = "rate_limited"
    default_status = 429


class Unavailable(CarillonError):
    """The service cannot answer now; nothing was done."""

    default_slug = "unavailable"
    default_status = 503
