"""Reads what the environment says, with defaults that work when it says nothing."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

env = environ.Env()


def data_folder() -> Path:
    """CARILLON_DATA, or ./data: where SQLite and the generated secret live; made when missing."""
    folder = Path(env.str("CARILLON_DATA", default="data")).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """SECRET_KEY, or one generated once into the data folder, readable by its owner alone."""
    given = env.str("SECRET_KEY", default="")
    if given:
        return str(given)
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


def database(folder: Path) -> dict[str, Any]:
    """DATABASE_URL, or SQLite in the data folder; raises ImproperlyConfigured for what Carillon does not run on."""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{folder / 'carillon.sqlite3'}"
    found: dict[str, Any] = env.db_url_config(url)
    options: dict[str, Any] = found.setdefault("OPTIONS", {})
    if found["ENGINE"].endswith("sqlite3"):
        options.update(_SQLITE)
        # Threads that live on keep their connection; opening one costs more than most queries.
        found["CONN_MAX_AGE"] = None
    elif found["ENGINE"].endswith("postgresql"):
        # Connections go back to the pool after each request and command: idle sockets hold none.
        options.setdefault(
            "pool", {"min_size": 0, "max_size": env.int("DB_POOL_MAX", default=10), "timeout": 10, "max_idle": 300}
        )
        found.update(CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=True)
        found["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DB_TRANSACTION_POOLING", default=False)
    return found


_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=67108864;"
    # A statement of many rows keeps what it changes until it ends, in a file unless told otherwise; a log of 16 MB copies a page that
    # is written often back to its place once, not four times.
    "PRAGMA temp_store=MEMORY;PRAGMA wal_autocheckpoint=4000;",
}


def redis_url() -> str:
    """REDIS_URL, or else with USE_REDIS the server at REDIS_HOST and REDIS_PORT; empty: no Redis (REQUIREMENTS 000-38, 000-39).

    REDIS_TLS_VERIFY=0 takes any certificate of a rediss:// server, as some add-ons need.
    """
    url = str(env.str("REDIS_URL", default=""))
    if not url and env.bool("USE_REDIS", default=False):
        host, port = env.str("REDIS_HOST", default="127.0.0.1"), env.int("REDIS_PORT", default=6379)
        url = f"redis://{host}:{port}/0"
    if url.startswith("rediss:") and not env.bool("REDIS_TLS_VERIFY", default=True):
        url += ("&" if "?" in url else "?") + "ssl_cert_reqs=none"
    return url


def mail(folder: Path, *, is_demo: bool) -> dict[str, Any]:
    """Django's settings of mail: EMAIL_URL, else SENDGRID_API_KEY (REQUIREMENTS 001-33), else EMAIL_HOST and its like.

    Where nothing is set, the demo writes messages into the data folder, and everything else speaks to this machine's port 25.
    Raises ImproperlyConfigured for a URL of a scheme that is none of them.
    """
    found: dict[str, Any] = {"EMAIL_TIMEOUT": env.int("EMAIL_TIMEOUT", default=20)}
    key = env.str("SENDGRID_API_KEY", default="")
    if env.str("EMAIL_URL", default=""):
        given = env.email_url("EMAIL_URL")
        return found | {name: value for name, value in given.items() if name.startswith("EMAIL_") and value is not None}
    if key:
        server = {"EMAIL_HOST": "smtp.sendgrid.net", "EMAIL_PORT": 587, "EMAIL_USE_TLS": True}
        return found | server | {"EMAIL_HOST_USER": "apikey", "EMAIL_HOST_PASSWORD": key}
    if env.str("EMAIL_HOST", default="") or not is_demo:
        return found | {
            "EMAIL_HOST": env.str("EMAIL_HOST", default="localhost"),
            "EMAIL_PORT": env.int("EMAIL_PORT", default=25),
            "EMAIL_HOST_USER": env.str("EMAIL_HOST_USER", default=""),
            "EMAIL_HOST_PASSWORD": env.str("EMAIL_HOST_PASSWORD", default=""),
            "EMAIL_USE_TLS": env.bool("EMAIL_USE_TLS", default=False),
            "EMAIL_USE_SSL": env.bool("EMAIL_USE_SSL", default=False),
        }
    backend = "django.core.mail.backends.filebased.EmailBackend"
    return found | {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(folder / "mail")}


def host_of(url: str) -> str:
    """The host name in a URL; empty without one."""
    return urlsplit(url).hostname or ""


def origin_of(url: str) -> str:
    """The origin of a URL, such as https://example.org."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
