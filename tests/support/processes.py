"""Real processes for tests: started with a log, waited for by condition, never left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a TCP port of the loopback address that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30.0, every: float = 0.02) -> None:
    """Return as soon as the condition holds; AssertionError naming `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        time.sleep(every)


def start(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a process whose output is appended to `log`; it ends when the test process ends, however that ends."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=log.parent if user else None,
            start_new_session=True,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - it only calls prctl, before any thread exists there
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 the process and all its children, and return when none of them is left."""
    family = _family(process.pid)
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    psutil.wait_procs(family, timeout=10)


def pause(process: subprocess.Popen[bytes]) -> None:
    """SIGSTOP the process and all its children: they hold what they hold and answer nothing, until `resume`."""
    _tell(process, signal.SIGSTOP)


def resume(process: subprocess.Popen[bytes]) -> None:
    """Let the process and its children go on."""
    _tell(process, signal.SIGCONT)


def _tell(process: subprocess.Popen[bytes], what: signal.Signals) -> None:
    for member in _family(process.pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(what)


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> int:
    """Ask the process to end and return its exit code; kill it and raise AssertionError when it does not."""
    process.send_signal(how)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise AssertionError(f"process {process.args!r} did not end {seconds:g} s after {how.name}") from None


def clean_environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without anything that configures Carillon or Django, plus `extra`."""
    mine = ("CARILLON_", "DJANGO_", "DATABASE_", "REDIS_", "PYTEST_", "EMAIL_", "WEBHOOK_", "SENDGRID_")
    names = {
        "DEFAULT_FROM_EMAIL",
        "SITE_NAME",
        "PORT",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DEBUG",
        "PUBLIC_URL",
        "CORS_ALLOWED_ORIGINS",
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(mine) and key not in names}
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _end_with_parent() -> Callable[[], None] | None:
    # The kernel ties this to the *thread* that started the child, so it is only right from the main thread.
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))

    return ask_kernel
