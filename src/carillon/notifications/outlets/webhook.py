"""A signed POST to an address of the host's, by which any provider can be reached; signed as standardwebhooks.com describes."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from carillon.conf import settings
from carillon.notifications import events
from carillon.notifications.outlets.base import Outgoing, Rejected, Send, Unreachable
from carillon.people.queries import email_of, people_of, person_of
from carillon.realtime.identity import Person

TIMEOUT = 10
LONGEST = 30
# What its operator says to be told no more, and what will be no better next time.
_FINAL = {400, 410, 413, 422}


class Body(msgspec.Struct, frozen=True):
    """What is posted; `id` is the same at each attempt."""

    id: str
    outlet: str
    person: Person
    email: str
    language: str
    notification: events.Notification


class Webhook:
    """Posts to WEBHOOK_URL, for everybody and at once."""

    name = "webhook"
    is_for_inactive = False
    rings_again = True

    def delay_of(self, severity: str) -> float:
        """None."""
        return 0.0

    @contextlib.contextmanager
    def open(self) -> Iterator[Send]:
        """A connection for each post: the next may be a minute away."""
        yield self._send

    def _send(self, item: Outgoing) -> None:
        if not settings.WEBHOOK_URL:
            raise Unreachable("CARILLON['WEBHOOK_URL'] is not set")
        status = post(settings.WEBHOOK_URL, item.key, self._body(item))
        if status in _FINAL:
            raise Rejected(f"it answered {status}")
        if not 200 <= status < 300:
            # A redirect too: what is signed for one address is not taken to another.
            raise OSError(f"it answered {status}")

    def _body(self, item: Outgoing) -> bytes:
        row = item.notification
        faces = people_of(events.actors_of([row]))
        state = events.Notification.of(row, faces)
        return msgspec.json.encode(
            Body(item.key, self.name, person_of(item.user), email_of(item.user), item.language, state)
        )


def post(url: str, key: str, body: bytes) -> int:
    """Post a signed body and return the status; raises Unreachable, OSError or HTTPException."""
    parts = urlsplit(url)
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Carillon",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(settings.WEBHOOK_SECRET, key, stamp, body),
    }
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    _connect(connection)
    # Each read has its own time; whoever answers a letter at a time would have all of them.
    timer = threading.Timer(LONGEST, _hang_up, [connection.sock])
    timer.start()
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return connection.getresponse().status
    finally:
        timer.cancel()
        connection.close()


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def signature(secret: str, key: str, stamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: v1 and the HMAC-SHA256 of id, timestamp and body, joined by points."""
    signed = b".".join((key.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()


def _connect(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT)
