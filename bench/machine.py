"""What a figure was measured on, without which it means nothing."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = (
    "django",
    "uvicorn",
    "uvloop",
    "websockets",
    "channels",
    "channels-redis",
    "daphne",
    "starlette",
    "python-socketio",
    "psycopg",
    "redis",
)
ROOT = Path(__file__).resolve().parents[1]


def facts() -> list[tuple[str, str]]:
    """Name and value of what matters about this machine and what runs on it."""
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{psutil.virtual_memory().total / 2**30:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}, loopback, no TLS"),
        ("busy with other things before the run", f"load {load()}"),
        ("speed of one core", f"{_speed() / 1e6:.1f} M rounds of an empty Python loop a second"),
        ("Python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"),
        ("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)),
        ("Node", _told(["node", "--version"])),
        ("nginx", _told(["nginx", "-v"])),
        ("Redis", _told(["redis-server", "--version"])),
        ("commit", _commit()),
    ]


def load() -> str:
    """How many processes wanted a core in the last minute."""
    return f"{psutil.getloadavg()[0]:.1f}"


def _told(command: list[str]) -> str:
    if not shutil.which(command[0]):
        return "not installed"
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return (told.stdout or told.stderr).strip().removeprefix("nginx version: ")


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _speed() -> float:
    """Machines that others share change their speed: two runs can be told apart by this."""
    rounds, started = 2_000_000, time.process_time()
    for _ in range(rounds):
        pass
    return rounds / (time.process_time() - started)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "src"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return (told.stdout.strip() or "none") + (" and changes" if changed.stdout.strip() else "")
