"""A host project in a process of its own, served as its people would serve it, and a visitor with a browser's cookies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support import processes
from tests.support.tree import ROOT

BIN = Path(sys.executable).parent
SQLITE_OPTIONS = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
PEOPLE = """
from django.contrib.auth import get_user_model
model = get_user_model()
for name in {names!r}:
    if model.USERNAME_FIELD == "email":
        model.objects.create_superuser(name, password="secret", called=name.partition("@")[0])
    else:
        model.objects.create_superuser(name, password="secret")
"""


def sqlite(folder: Path) -> dict[str, Any]:
    """Return DATABASES["default"] of a host on SQLite, as a newcomer configures it."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "host.sqlite3"), "OPTIONS": SQLITE_OPTIONS}


def postgresql(url: str) -> dict[str, Any]:
    """Return DATABASES["default"] of a host on the PostgreSQL database at this URL."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
    }


class Host:
    """A project of `project` (a folder with manage.py and the package `package`), served from there on a port of its own."""

    def __init__(
        self,
        project: Path,
        package: str,
        folder: Path,
        database: dict[str, Any] | None = None,
        **environment: str,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.project, self.package, self.log = project, package, folder / "host.log"
        self.port = processes.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = processes.clean_environment(
            PYTHONPATH=str(project),
            PYTHONDONTWRITEBYTECODE="1",
            DJANGO_SETTINGS_MODULE=f"{package}.settings",
            HOST_DATABASE=json.dumps(database or sqlite(folder)),
            **environment,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket_url(self, path: str = "/ws/") -> str:
        """Return the address of a socket of this host."""
        return f"ws://127.0.0.1:{self.port}{path}"

    def command(self, *arguments: str) -> list[str]:
        """Return `manage.py <arguments>` as a process is started with it."""
        return [sys.executable, str(self.project / "manage.py"), *arguments]

    def manage(self, *arguments: str, expect: int = 0, **environment: str) -> str:
        """Run `manage.py <arguments>` and return what it printed; AssertionError for another exit code."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == expect, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def prepare(self, *names: str) -> Host:
        """Migrate, and make these people (password `secret`)."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "-c", PEOPLE.format(names=list(names)))
        return self

    def serve(self, server: str = "uvicorn", *options: str) -> Host:
        """Serve with `uvicorn`, `daphne` or `runserver` and more options of theirs; return when it answers."""
        port, application = str(self.port), f"{self.package}.asgi:application"
        commands = {
            "uvicorn": [BIN / "uvicorn", application, "--port", port, "--ws-max-size", "65536"],
            "daphne": [BIN / "daphne", "-b", "127.0.0.1", "-p", port, application],
            "runserver": self.command("runserver", "--noreload", f"127.0.0.1:{port}"),
        }
        self._process = processes.start([*commands[server], *options], self.log, env=self.environment)
        processes.wait_for(self._answers, f"{server} to answer, its log says:\n{self.tail()}")
        return self

    def stop(self) -> int:
        """End it in an orderly way (SIGTERM) and return its exit code."""
        assert self._process is not None
        return processes.stop(self._process)

    def kill(self) -> None:
        """End it for good."""
        if self._process is not None:
            processes.kill(self._process)

    def tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the host ended at start:\n{self.tail()}"
        try:
            return httpx.get(self.url + "/accounts/login/", timeout=10).status_code == 200
        except httpx.TransportError:
            return False


class Visitor(httpx.Client):
    """A browser at a host: keeps cookies, and signs in on the host's own page."""

    def __init__(self, host: Host) -> None:
        super().__init__(base_url=host.url, timeout=30)

    def sign_in(self, name: str) -> Visitor:
        """Sign in with the password `secret`."""
        self.get("/accounts/login/")
        answer = self.submit("/accounts/login/", username=name, password="secret")
        assert answer.status_code == 302, answer.text
        return self

    def submit(self, path: str, **fields: str) -> httpx.Response:
        """Post a form as the host's own page would."""
        return self.post(path, data=fields, headers=self._csrf)

    def write(self, path: str, body: Any) -> httpx.Response:
        """Post JSON as a script of the host's own page would."""
        return self.post(path, json=body, headers=self._csrf)

    @property
    def cookie(self) -> str:
        """The session cookie as a header says it."""
        return f"sessionid={self.cookies['sessionid']}"

    @property
    def _csrf(self) -> dict[str, str]:
        return {"X-CSRFToken": self.cookies["csrftoken"]}


def project(name: str) -> Path:
    """Return the folder of a project of these tests."""
    return ROOT / "tests" / "hosts" / f"project_{name}"
