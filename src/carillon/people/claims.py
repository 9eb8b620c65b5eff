"""Claims: those of access tokens that are plainly good, in a tenth of the time that a library takes which also explains bad ones.

Whatever is not as simplejwt makes it with its usual settings is left to simplejwt: this way only lets in, and nobody else.
"""

from __future__ import annotations

import binascii
import datetime as dt
import functools
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
from rest_framework_simplejwt import state
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken

_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def plainly_good(token: str) -> dict[str, Any] | None:
    """What a token says that is signed with our key and good now (RFC 7519); None where simplejwt has to look at it."""
    key = _key()
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if key is None or not (token.isascii() and _is_plain(header, key[0])):
        return None
    made = urlsafe_b64encode(hmac.digest(key[1], signed.encode(), _DIGESTS[key[0]])).rstrip(b"=")
    if not hmac.compare_digest(made, signature.encode()):
        return None
    try:
        claims = _decode(_unpacked(payload))
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
    return claims if _are_good(claims) else None


@functools.lru_cache(maxsize=16)
def _is_plain(header: str, algorithm: str) -> bool:
    """Whether a token's header says that it is a JWT of this algorithm, and nothing else; few headers come again and again."""
    try:
        said = _decode(_unpacked(header))
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return False
    return said == {"alg": algorithm, "typ": "JWT"}


def _are_good(claims: dict[str, Any]) -> bool:
    now = time.time()
    expires, issued = claims.get("exp"), claims.get("iat", 0)
    return (
        type(expires) is int
        and expires > now
        and type(issued) is int
        and issued <= now
        and claims.get(api_settings.TOKEN_TYPE_CLAIM) == AccessToken.token_type
        and type(claims.get(api_settings.JTI_CLAIM)) is str
        and type(claims.get("jti", "")) is str
        and type(claims.get("sub", "")) is str
        and not _UNUSUAL.intersection(claims)
    )


# Claims that decide whether a token is good, and that simplejwt does not write of itself.
_UNUSUAL = frozenset({"aud", "iss", "nbf"})


def _key() -> tuple[str, bytes] | None:
    """The algorithm and the secret that sign; None where more is asked of a token than that it is signed with them."""
    backend: Any = AccessToken._token_backend or state.token_backend
    is_usual = (
        type(backend) is TokenBackend
        and backend.algorithm in _DIGESTS
        and not (backend.audience or backend.issuer)
        # What is good without leeway is good with it.
        and backend.get_leeway() >= dt.timedelta(0)
        and api_settings.JTI_CLAIM is not None
        and api_settings.TOKEN_TYPE_CLAIM is not None
    )
    key = backend.prepared_signing_key if is_usual else None
    return (backend.algorithm, key) if isinstance(key, bytes) and key else None


def _unpacked(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
