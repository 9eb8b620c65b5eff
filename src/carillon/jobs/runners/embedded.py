"""The default runner: APScheduler ticks the sweeps in a thread of the one web process that holds the lease."""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from django.db import DatabaseError

from carillon.jobs import leases
from carillon.jobs.sweeps import Sweep, close_connections, registered_sweeps
from carillon.jobs.wake import listen

log = logging.getLogger("carillon.jobs")

LEASE = "runner"
LEASE_SECONDS = 3.0
RENEW_EVERY = 1.0
THREADS = 4
# For sweeps that wait for other machines: nothing else waits for a thread of these.
WAITING_THREADS = 8
_RENEWAL = "carillon.lease"


class EmbeddedRunner:
    """Runs every sweep while it holds the lease; a process without it runs what is woken there, and takes over within LEASE_SECONDS."""

    def __init__(self, sweeps: Mapping[str, Sweep] | None = None, *, holder: str | None = None) -> None:
        self.holder = holder or f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._sweeps = registered_sweeps() if sweeps is None else dict(sweeps)
        self._turns = {name: _Turn() for name in self._sweeps}
        self._scheduler: BackgroundScheduler | None = None
        self._stop_listening: Callable[[], None] = lambda: None
        self._is_leading = False

    @property
    def is_leading(self) -> bool:
        """Whether this process runs the sweeps now."""
        return self._is_leading

    def start(self) -> None:
        """Start ticking in threads of this process; returns at once, and does nothing when it runs already."""
        if self._scheduler is not None:
            return
        self._scheduler = _scheduler()
        self._scheduler.add_job(
            self._renew, "interval", seconds=RENEW_EVERY, id=_RENEWAL, executor="carillon-lease", next_run_time=_now()
        )
        self._scheduler.start()
        self._stop_listening = listen(self._wake)

    def stop(self) -> None:
        """End all threads after the batches under way, and give up the lease."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None:
            return
        self._stop_listening()
        scheduler.shutdown(wait=True)
        self._is_leading = False
        try:
            leases.release(LEASE, self.holder)
        except DatabaseError:
            log.warning("the lease of the runner could not be given up; it runs out by itself")
        finally:
            close_connections()

    def _renew(self) -> None:
        try:
            may_lead = leases.claim(LEASE, self.holder, LEASE_SECONDS)
        except DatabaseError as error:
            # Without the database there is nothing to sweep either.
            if self._is_leading:
                log.warning("the lease of the runner could not be renewed: %s", error)
            may_lead = False
        finally:
            close_connections()
        if may_lead != self._is_leading:
            self._lead(may_lead)

    def _lead(self, may_lead: bool) -> None:
        scheduler = self._scheduler
        if scheduler is None:
            return
        log.info("background work %s in process %s", "starts" if may_lead else "pauses", os.getpid())
        self._is_leading = may_lead
        for name, sweep in self._sweeps.items():
            if may_lead:
                scheduler.add_job(
                    self._run,
                    "interval",
                    args=[name],
                    seconds=sweep.every,
                    id=name,
                    executor=_executor_of(sweep),
                    next_run_time=_now(),
                    replace_existing=True,
                )
            elif scheduler.get_job(name):
                scheduler.remove_job(name)

    def _wake(self, name: str) -> None:
        scheduler = self._scheduler
        if scheduler is None or name not in self._turns:
            return
        self._turns[name].is_wanted = True
        if self._is_leading:
            self._run_now(name)
        else:
            # Whoever leads would find the work at its next tick; here it is known already.
            executor = _executor_of(self._sweeps[name])
            scheduler.add_job(self._run, args=(name,), executor=executor, id=f"woken {name}", replace_existing=True)

    def _run_now(self, name: str) -> None:
        scheduler = self._scheduler
        if scheduler is None:
            return
        try:
            scheduler.modify_job(name, next_run_time=_now())
        except JobLookupError:
            log.debug("%s is not ticking here any more", name)

    def _run(self, name: str) -> None:
        turn = self._turns[name]
        # One run of a sweep at a time; a wake that comes meanwhile is kept and served right after.
        if not turn.lock.acquire(blocking=False):
            return
        try:
            turn.is_wanted = False
            self._sweeps[name].run()
        finally:
            turn.lock.release()
        if turn.is_wanted:
            self._wake(name)


_running: list[EmbeddedRunner] = []


def start() -> None:
    """Start the runner of this process with every registered sweep, unless it runs."""
    if not _running:
        runner = EmbeddedRunner()
        _running.append(runner)
        runner.start()


def stop() -> None:
    """Stop the runner of this process; waits for the batches under way."""
    while _running:
        _running.pop().stop()


class _Turn:
    """Whether a sweep runs now, and whether somebody asked for it since it began."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_wanted = False


def _executor_of(sweep: Sweep) -> str:
    return "carillon-waiting" if sweep.waits else "carillon"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _scheduler() -> BackgroundScheduler:
    # APScheduler tells of every tick at INFO; only our own executors are hushed.
    for alias in ("carillon", "carillon-waiting", "carillon-lease"):
        logging.getLogger(f"apscheduler.executors.{alias}").setLevel(logging.WARNING)
    hushed = logging.getLogger("apscheduler.scheduler.carillon")
    hushed.setLevel(logging.WARNING)
    return BackgroundScheduler(
        timezone=dt.UTC,
        logger=hushed,
        daemon=True,
        executors={
            "carillon": ThreadPoolExecutor(THREADS),
            "carillon-waiting": ThreadPoolExecutor(WAITING_THREADS),
            "carillon-lease": ThreadPoolExecutor(1),
        },
        # A run that met another's lock is counted until the scheduler has noted its end; one too many would be a wake lost.
        job_defaults={"coalesce": True, "max_instances": 8, "misfire_grace_time": None},
    )
