"""Metrics in Prometheus' format; every name stands in this file."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from carillon import __version__
from carillon.realtime import log
from carillon.realtime.mailboxes import dropped
from carillon.realtime.runtime import current

CONNECTIONS = "carillon_connections"
TOPICS = "carillon_topics_followed"
LOG_EVENTS = "carillon_log_events"
DRAINING = "carillon_draining"
DROPPED = "carillon_channel_layer_dropped"
BROKER = "carillon_broker_connected"
HINTS = "carillon_hints_dropped"
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
        build = GaugeMetricFamily(BUILD, "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build


def scrape() -> bytes:
    """The present values, as text."""
    registry = CollectorRegistry()
    registry.register(_Now())
    return generate_latest(registry)
