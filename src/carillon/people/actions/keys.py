"""Writes about service keys: made, told once, revoked; the secret itself is kept nowhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from carillon.errors import Detail, Invalid, NotFound
from carillon.people.actions.accounts import details_of
from carillon.people.models import SCOPES, ServiceKey
from carillon.realtime.outbox import action

# Told apart from other secrets by people and by programs that look for leaked ones.
PREFIX = "ck_"
MAX_RATE = 100_000
TOUCH_EVERY = dt.timedelta(minutes=1)


@action
@sensitive_variables()
def create_key(
    name: str,
    namespace: str,
    scopes: Collection[str],
    *,
    rate_per_minute: int = 600,
    expires_at: dt.datetime | None = None,
    created_by: Any = None,
) -> tuple[ServiceKey, str]:
    """A new key, and what to send as `Api-Key <it>`: 256 random bits that can never be shown again; raises Invalid naming the field."""
    secret = secrets.token_urlsafe(32)
    key = ServiceKey(
        name=name.strip(),
        namespace=namespace,
        prefix=PREFIX + secrets.token_hex(6),
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        rate_per_minute=rate_per_minute,
        expires_at=expires_at,
        created_at=timezone.now(),
        created_by=created_by,
    )
    checked_key(key).save(force_insert=True)
    return key, f"{key.prefix}.{secret}"


@action
def revoke_key(prefix: str) -> ServiceKey:
    """End a key for good; again it changes nothing. Raises NotFound."""
    ServiceKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=timezone.now())
    key = ServiceKey.objects.filter(prefix=prefix).first()
    if key is None:
        raise NotFound("not_found", f"There is no key {prefix!r}.")
    return key


@action
def touch_key(key: ServiceKey) -> None:
    """Write down that the key was used, unless that was done within a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - TOUCH_EVERY:
        unused = Q(last_used_at=None) | Q(last_used_at__lte=now - TOUCH_EVERY)
        ServiceKey.objects.filter(unused, pk=key.pk).update(last_used_at=now)


def digest_of(secret: str) -> str:
    """The SHA-256 by which a secret is known; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def checked_key(key: ServiceKey) -> ServiceKey:
    """The key, where it may be made as it is; raises Invalid naming each field that may not."""
    found: list[Detail] = []
    try:
        key.clean_fields(exclude=["scopes", "prefix", "digest", "created_at"])
    except ValidationError as error:
        for field, errors in error.error_dict.items():
            found += details_of(field, ValidationError(errors))
    if not key.scopes or not set(key.scopes) <= set(SCOPES):
        found.append({"field": "scopes", "message": f"some of {', '.join(SCOPES)} expected"})
    if not 1 <= key.rate_per_minute <= MAX_RATE:
        found.append({"field": "rate_per_minute", "message": f"1 to {MAX_RATE} expected"})
    if key.expires_at is not None and key.expires_at <= timezone.now():
        found.append({"field": "expires_at", "message": "this has passed"})
    if found:
        raise Invalid("invalid", f"{found[0]['field'].capitalize()}: {found[0]['message']}", details=found)
    return key
