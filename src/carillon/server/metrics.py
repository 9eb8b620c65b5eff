"""Metrics in Prometheus' format; every name stands in this file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import accumulate

from django.db import connections
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from carillon import __version__
from carillon.realtime import log
from carillon.realtime.loop_lag import BOUNDS, LoopLag
from carillon.realtime.mailboxes import dropped
from carillon.realtime.runtime import Runtime, current

CONNECTIONS = "carillon_connections"
TOPICS = "carillon_topics_followed"
LOG_EVENTS = "carillon_log_events"
DRAINING = "carillon_draining"
DROPPED = "carillon_channel_layer_dropped"
BROKER = "carillon_broker_connected"
HINTS = "carillon_hints_dropped"
OUTBOUND = "carillon_outbound_bytes"
OUTBOUND_LARGEST = "carillon_outbound_largest_bytes"
SLOW = "carillon_slow_consumers_closed"
WAITING = "carillon_waiting"
IN_WORK = "carillon_commands_in_work"
SWEEP_AGE = "carillon_sweep_age_seconds"
SWEEP_SECONDS = "carillon_sweep_seconds"
LAG = "carillon_loop_lag_seconds"
POOL = "carillon_database_connections"
BUILD = "carillon_build_info"


class _Now(Collector):
    """What is true at the moment of the scrape: of this process, and of the database."""

    def collect(self) -> Iterator[Metric]:
        """One family for each name."""
        runtime = current()
        signed_in = sum(1 for connection in tuple(runtime.connections) if connection.identity is not None)
        connections = GaugeMetricFamily(CONNECTIONS, "Open sockets of this process.", labels=["state"])
        connections.add_metric(["signed_in"], signed_in)
        connections.add_metric(["anonymous"], len(runtime.connections) - signed_in)
        yield connections
        yield GaugeMetricFamily(TOPICS, "Topics this process follows.", value=len(runtime.hub.feeds))
        yield GaugeMetricFamily(LOG_EVENTS, "Events kept in the log.", value=log.size())
        yield GaugeMetricFamily(
            DRAINING, "Whether this process sends its clients away.", value=int(runtime.is_draining)
        )
        yield GaugeMetricFamily(
            BROKER, "Whether hints reach other processes at once.", value=int(runtime.broker.is_connected)
        )
        yield CounterMetricFamily(HINTS, "Events that the broker did not take.", value=runtime.broker.dropped)
        lost = CounterMetricFamily(
            DROPPED, "Messages of the channel layer that nobody read in time.", labels=["reason"]
        )
        for reason in ("expired", "full"):
            lost.add_metric([reason], dropped[reason])
        yield lost
        yield from _load(runtime)
        yield from _pool()
        build = GaugeMetricFamily(
            BUILD, "The version that runs, and the process that answers.", labels=["version", "pid"]
        )
        build.add_metric([__version__, str(os.getpid())], 1)
        yield build


def _load(runtime: Runtime) -> Iterator[Metric]:
    """How much this process has to do, and what waits for it."""
    unread = [connection.outbound.waiting for connection in tuple(runtime.connections)]
    yield GaugeMetricFamily(OUTBOUND, "Bytes that clients have not taken yet.", value=sum(unread))
    yield GaugeMetricFamily(OUTBOUND_LARGEST, "The most that waits for one client.", value=max(unread, default=0))
    yield CounterMetricFamily(SLOW, "Clients that were closed because they read too slowly.", value=runtime.slow_closed)
    waiting = GaugeMetricFamily(WAITING, "What waits for its turn.", labels=["for"])
    waiting.add_metric(["sign_in"], runtime.admission.waiting)
    waiting.add_metric(["replay"], runtime.hub.replays_waiting)
    yield waiting
    yield GaugeMetricFamily(IN_WORK, "Commands of sockets in work.", value=len(runtime.in_work))
    age = time.monotonic() - runtime.hub.swept_at if runtime.hub.swept_at else 0.0
    yield GaugeMetricFamily(SWEEP_AGE, "Seconds since heads of topics were read last.", value=age)
    yield GaugeMetricFamily(SWEEP_SECONDS, "Seconds that this took.", value=runtime.hub.sweep_seconds)
    yield _lag(runtime.lag)


def _lag(lag: LoopLag) -> HistogramMetricFamily:
    buckets = list(zip([*map(str, BOUNDS), "+Inf"], accumulate(lag.counts), strict=True))
    return HistogramMetricFamily(
        LAG, "How late the event loop was, ten times a second.", buckets=buckets, sum_value=lag.total
    )


def _pool() -> Iterator[Metric]:
    """The connections of a pool to PostgreSQL, where there is one."""
    pool = getattr(connections[log.alias()], "pool", None)
    if pool is None:
        return
    found = pool.get_stats()
    held = GaugeMetricFamily(POOL, "Connections to the database.", labels=["state"])
    held.add_metric(["open"], found.get("pool_size", 0))
    held.add_metric(["idle"], found.get("pool_available", 0))
    held.add_metric(["waited_for"], found.get("requests_waiting", 0))
    yield held


def scrape() -> bytes:
    """The present values, as text."""
    registry = CollectorRegistry()
    registry.register(_Now())
    return generate_latest(registry)
