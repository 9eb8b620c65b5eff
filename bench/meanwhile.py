"""What people wait while 10,000 are notified: requests to a real `carillon serve`, without and with a fan-out under way.

`python -m bench.meanwhile [database url]` prints the figures of one database as JSON.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from bench import runs
from tests.support.server import Server

PEOPLE, ROUNDS = 10_000, 4
# Waiting is what is measured, not how much a server can do; and a connection may send ten commands a second.
PAUSE = 0.11
Ask = Callable[[], None]


class Asking:
    """Asks the same thing again and again, from a thread of its own, and keeps how many seconds each answer took."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._seconds: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> list[float]:
        """Stop asking; returns what was measured."""
        self._stop.set()
        self._thread.join()
        return self._seconds

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.perf_counter()
            self._ask()
            self._seconds.append(time.perf_counter() - started)
            time.sleep(PAUSE)


def rest(server: Server, method: str, *paths: str) -> Ask:
    """Requests of alice's on a connection that stays open, the paths in turn."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {server.login('alice')}", "Content-Type": "application/json"}
    turns = cycle(paths)

    def ask() -> None:
        path, status = next(turns), 503
        while status == 503:
            # Busy: a client asks again, and all of that is what it waits.
            connection.request(method, path, body="{}" if method == "POST" else None, headers=headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        assert status == 200, status

    return ask


def socket(server: Server, id: str) -> Ask:
    """Commands of alice's on one socket, read and unread in turn; each waits for its reply."""
    protocols = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{server.login('alice')}")]
    opened = connect(server.socket_url, subprotocols=protocols)
    numbers, turns = count(), cycle(("read", "unread"))

    def ask() -> None:
        ref = f"c{next(numbers)}"
        opened.send(json.dumps({"type": f"notification.{next(turns)}", "ref": ref, "data": {"ids": [id]}}))
        while (frame := json.loads(opened.recv(timeout=60))).get("ref") != ref:
            pass
        assert frame["type"] == "reply", frame

    return ask


class Host:
    """The process beside the server that notifies everyone."""

    def __init__(self, server: Server) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.host", str(PEOPLE)],
            cwd=runs.ROOT,
            env={**server.environment, **runs.SETTINGS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        runs.pin(self._process.pid, 1)
        self._answer()

    def call(self) -> dict[str, float]:
        """Notify 10,000 people, and wait until all of them are; returns the seconds of the call and of everything."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer


def measure(database_url: str, rounds: int = ROUNDS) -> dict[str, Any]:
    """Seconds of each kind of request, alone and meanwhile in turns, and of each call."""
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as folder:
        server = Server(Path(folder), database_url=database_url, LOG_LEVEL="WARNING").prepare().start()
        runs.pin(server.pid, 0)
        host = Host(server)
        try:
            return _measure(server, host, rounds)
        finally:
            host.end()
            server.kill()


def _measure(server: Server, host: Host, rounds: int) -> dict[str, Any]:
    page = server.request("GET", "/api/v1/notifications/", token=server.login("alice")).json["results"]
    by_rest, by_socket = page[0]["id"], page[1]["id"]
    to = [f"/api/v1/notifications/{by_rest}/{verb}/" for verb in ("read", "unread")]
    asked = {
        "mark read, REST": rest(server, "POST", *to),
        "mark read, socket": socket(server, by_socket),
        "newest 30, REST": rest(server, "GET", "/api/v1/notifications/"),
        "a page": rest(server, "GET", "/"),
    }
    found: dict[str, Any] = {name: {"alone": [], "meanwhile": []} for name in asked}
    calls: list[dict[str, float]] = []
    for _ in range(rounds):
        for when, work in (("alone", lambda: time.sleep(4)), ("meanwhile", lambda: calls.append(host.call()))):
            asking = {name: Asking(ask) for name, ask in asked.items()}
            work()
            for name, each in asking.items():
                found[name][when] += each.end()
    return {"requests": found, "calls": calls}


if __name__ == "__main__":
    json.dump(measure(*sys.argv[1:2] or [""]), sys.stdout)
