"""A mail server and an HTTP receiver on the loopback address, real enough for what sends to them; each may be told to misbehave."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Received:
    """A message as it came over the wire."""

    recipients: list[str]
    message: EmailMessage


@dataclass
class MailServer:
    """What a mail server was given; recipients in `refused` get 550, and those in `busy` 451."""

    port: int
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    refused: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    # Cleared: a message that was sent whole waits for its answer. `begun` says that one does.
    may_answer: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        """The Message-IDs, in order."""
        return [str(each.message["Message-ID"]) for each in self.received]


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        state = cast(MailServer, self.server.state)  # type: ignore[attr-defined]
        state.connections += 1
        self._say("220 ready")
        recipients: list[str] = []
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "RCPT":
                self._recipient(state, rest.partition(":")[2].strip(" <>"), recipients)
            elif verb.upper() == "DATA":
                self._data(state, recipients)
            elif verb.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                if verb.upper() in ("RSET", "MAIL"):
                    recipients = []
                self._say("250 fine")

    def _recipient(self, state: MailServer, address: str, recipients: list[str]) -> None:
        if address in state.refused or address in state.busy:
            self._say("550 nobody of that name" if address in state.refused else "451 come back later")
            return
        recipients.append(address)
        self._say("250 fine")

    def _data(self, state: MailServer, recipients: list[str]) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        state.begun.set()
        state.may_answer.wait(60)
        parsed = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        state.received.append(Received(list(recipients), parsed))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        try:
            self.wfile.write(text.encode() + b"\r\n")
        except OSError:
            # Whoever sent it was killed meanwhile.
            return


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """A mail server that takes everything, until the block ends."""
    with _Threads(("127.0.0.1", port), _Smtp) as server:
        state = MailServer(server.server_address[1])
        state.may_answer.set()
        server.state = state  # type: ignore[attr-defined]
        with _running(server):
            yield state
        state.may_answer.set()


@dataclass
class Post:
    """A request as it came over the wire."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """What was posted; `answer` says with which status each is answered, by its body."""

    port: int
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[Any], int] = lambda _body: 204


class _Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        state = cast(Receiver, self.server.state)  # type: ignore[attr-defined]
        post = Post({name.lower(): value for name, value in self.headers.items()}, self._read())
        state.posts.append(post)
        status = state.answer(post.json)
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{state.port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """An HTTP server that takes every POST, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Http) as server:
        state = Receiver(server.server_address[1])
        server.state = state  # type: ignore[attr-defined]
        with _running(server):
            yield state


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
