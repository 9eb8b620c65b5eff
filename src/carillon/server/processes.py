"""The processes of `carillon serve`: one that restarts in its place, or several that share a port under uvicorn's supervisor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

# The descriptor of a listening socket that was handed over, by systemd or by ourselves (sd_listen_fds(3)).
_HANDED_OVER = 3


def serve(config: uvicorn.Config) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP restarts: several processes one after the other, a single one in its place.

    Where the terminal that it was started from is gone, SIGHUP ends it.
    """
    listening = _handed_over() or _bound(config)
    if config.workers > 1:
        _Supervisor(config, sockets=[listening]).run()
    elif _Alone(config).serve(listening):
        _begin_anew(listening)
    if config.uds:
        Path(config.uds).unlink(missing_ok=True)


def follow_supervisor() -> None:
    """In a process that a supervisor started: drain and end when it is gone, and leave SIGHUP to it."""
    parent = multiprocessing.parent_process()
    if parent is not None and threading.current_thread() is threading.main_thread():
        # A terminal sends it to all of its processes.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        threading.Thread(target=_end_after, args=(parent,), name="carillon-supervisor", daemon=True).start()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class _Supervisor(Multiprocess):
    """uvicorn's, that ends with the terminal it was started from."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._terminal = _Terminal()

    def handle_hup(self) -> None:
        if self._terminal.is_gone:
            self.handle_term()
        else:
            super().handle_hup()


class _Terminal:
    """The terminal that this process was started from, if any; under nohup none."""

    def __init__(self) -> None:
        self._was_there = self._is_there() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN

    @property
    def is_gone(self) -> bool:
        """Whether it was there and is not any more."""
        return self._was_there and not self._is_there()

    def _is_there(self) -> bool:
        try:
            os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        except OSError:
            return False
        return True


class _Alone:
    """A server in this process, that SIGHUP asks to begin anew."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._server = uvicorn.Server(config)
        self._terminal = _Terminal()
        self._begins_anew = False

    def serve(self, listening: socket.socket) -> bool:
        """Serve until asked to end; says whether to begin anew."""
        signal.signal(signal.SIGHUP, self._on_hangup)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        try:
            # A copy: those who come while the process restarts wait on the other.
            self._server.run(sockets=[listening.dup()])
        except KeyboardInterrupt:
            self._begins_anew = False
        if not self._server.started:
            sys.exit(STARTUP_FAILURE)
        return self._begins_anew

    def _on_hangup(self, number: int, frame: FrameType | None) -> None:
        # Before it has started it is as fresh as it would be.
        if self._server.started and not self._begins_anew:
            self._begins_anew = not self._terminal.is_gone
            leave = cast(Callable[[int, FrameType | None], None], signal.getsignal(signal.SIGTERM))
            # uvicorn raises what ended it once more when it has ended: this one is answered, SIGTERM would be obeyed.
            leave(signal.SIGHUP, frame)


def _begin_anew(listening: socket.socket) -> None:
    """Become a fresh process of the same command, with the same id and the same listening socket."""
    # One that comes before it can be answered waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    os.dup2(listening.fileno(), _HANDED_OVER)
    os.set_inheritable(_HANDED_OVER, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line, by nobody's shell


def _handed_over() -> socket.socket | None:
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_HANDED_OVER)


def _bound(config: uvicorn.Config) -> socket.socket:
    # A Unix socket that nobody listens at any more is in the way.
    if config.uds and Path(config.uds).is_socket():
        Path(config.uds).unlink()
    return config.bind_socket()
