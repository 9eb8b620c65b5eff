"""What an ASGI WebSocket scope says: headers, the credential that was presented, and whether the page may use cookies."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings as django_settings
from django.http.cookie import parse_cookie

from carillon.conf import settings
from carillon.realtime.dialect import Dialect
from carillon.realtime.identity import Credential, Handshake

Scope = Mapping[str, Any]

# Of the upgrade itself; a subprotocol may be a credential, which is not kept.
_MECHANICS = (b"sec-websocket-", b"connection", b"upgrade")
# Longer ones are nobody's usual headers, and are not worth keeping for others; names with these words may hold a credential.
_SHARED_CHARACTERS = 2048
_SECRET = ("auth", "key", "token", "secret")
_PREFIXES = {"bearer.": "bearer", "ticket.": "ticket"}


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name, but for those of the upgrade.

    Values of one name are joined by a comma (RFC 9110 5.3), so that two origins are none.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        if raw_name.lower().startswith(_MECHANICS):
            continue
        # The same browser says the same on each of its connections: one string for all of them.
        name, value = sys.intern(raw_name.decode("latin-1").lower()), sys.intern(raw_value.decode("latin-1"))
        separator = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{separator}{value}" if name in found else value
    return found


def path_of(scope: Scope) -> str:
    """The path below the one that the whole application is mounted at, as Django sees it (ASGI's `root_path`)."""
    path, root = str(scope.get("path", "")), str(scope.get("root_path", "")).rstrip("/")
    return path.removeprefix(root) if path.startswith(root + "/") else path


def query_of(scope: Scope) -> dict[str, list[str]]:
    """The query string, decoded."""
    raw = scope.get("query_string", b"")
    return parse_qs(raw.decode("latin-1")) if raw else {}


def handshake_of(scope: Scope) -> Handshake:
    """What a verifier may see; the session cookie only where the Origin may use it."""
    own = headers_of(scope)
    cookie = _session_cookie(own.pop("cookie", ""))
    headers = _shared(tuple(own.items())) if _are_usual(own) else own
    client = scope.get("client") or ("", 0)
    return Handshake(
        path=sys.intern(str(scope.get("path", ""))),
        headers=headers,
        client=sys.intern(str(client[0])),
        session_cookie=cookie if cookie and is_own_origin(headers) else None,
    )


def _are_usual(headers: Mapping[str, str]) -> bool:
    """Whether others may say the same: nothing long, and nothing secret, which is kept no longer than its socket."""
    is_short = sum(map(len, (*headers, *headers.values()))) <= _SHARED_CHARACTERS
    return is_short and not any(word in name for name in headers for word in _SECRET)


@lru_cache(maxsize=1024)
def _shared(headers: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """One mapping for all connections that say the same, as those of one browser do."""
    return MappingProxyType(dict(headers))


def credential_of(scope: Scope, dialect: Dialect, handshake: Handshake) -> Credential | None:
    """The first credential presented, in the order of REQUIREMENTS C13; a bad one is refused, the next is not tried."""
    for offered in scope.get("subprotocols", ()):
        for prefix, kind in _PREFIXES.items():
            if offered.startswith(prefix):
                return Credential(kind, offered.removeprefix(prefix))
    query = query_of(scope)
    if "ticket" in query:
        return Credential("ticket", query["ticket"][0])
    if "token" in query and dialect.takes_query_token and settings.ALLOW_QUERY_TOKEN:
        return Credential("bearer", query["token"][0])
    user = scope.get("user")
    if user is not None and user.is_authenticated and not has_foreign_cookie(scope):
        # A middleware of the host's, such as Channels', has verified whatever it verifies.
        return Credential("user", str(user.pk))
    if handshake.session_cookie is not None:
        return Credential("session", handshake.session_cookie)
    return None


def has_foreign_cookie(scope: Scope) -> bool:
    """Whether a page of another origin rides on a person's session cookie (cross-site WebSocket hijacking)."""
    headers = headers_of(scope)
    return bool(_session_cookie(headers.get("cookie", ""))) and not is_own_origin(headers)


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """Whether the Origin is ours or allow-listed; a missing one never is, since no browser leaves it out."""
    origin = headers.get("origin", "")
    if not origin or origin == "null":
        return False
    if origin in settings.ALLOWED_ORIGINS or (settings.PUBLIC_URL and _origin(settings.PUBLIC_URL) == origin):
        return True
    parts = urlsplit(origin)
    return (
        parts.scheme in ("http", "https")
        and parts.netloc != ""
        and parts.netloc == headers.get("host")
        and origin == _origin(origin)
    )


def is_insecure(scope: Scope) -> bool:
    """Whether a socket came without TLS: by SECURE_PROXY_SSL_HEADER, as in Django, where it is set and sent; else as the server says.

    daphne does not say it of sockets. There X-Forwarded-Proto is taken at its word, where a proxy sends it: who lies in it
    gives away nothing but their own.
    """
    headers, rule = headers_of(scope), django_settings.SECURE_PROXY_SSL_HEADER
    if rule:
        name, secure = rule
        said = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower())
        if said is not None:
            return bool(said.split(",")[0].strip() != secure)
    scheme = scope.get("scheme") or headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return scheme in ("ws", "http")


def subprotocol_for(scope: Scope, dialect: Dialect) -> str | None:
    """The subprotocol to select: the dialect's own where it was offered, never one that carries a credential."""
    return dialect.subprotocol if dialect.subprotocol in scope.get("subprotocols", ()) else None


def speaks_another_version(scope: Scope, dialect: Dialect) -> bool:
    """Whether the client offered subprotocols of ours, and none that is spoken here."""
    offered = [name for name in scope.get("subprotocols", ()) if not name.startswith(tuple(_PREFIXES))]
    return bool(offered) and dialect.subprotocol is not None and dialect.subprotocol not in offered


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _session_cookie(header: str) -> str:
    return parse_cookie(header).get(django_settings.SESSION_COOKIE_NAME, "") if header else ""
