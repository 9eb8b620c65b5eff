"""Where the channels and keys of a deployment live: on the Redis of its address, or on one node of that one's cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry


@dataclass(frozen=True, slots=True)
class Home:
    """The address to connect to, and whether it is a node of a cluster, where pub/sub is sharded."""

    url: str
    is_sharded: bool = False


def tag_of(url: str, prefix: str) -> str:
    """What the names of a deployment begin with: in braces, for a cluster keeps on one node what stands in the same ones.

    Pub/sub knows no databases: two deployments on two numbers of one server would hear each other.
    """
    return f"{{{prefix}:{urlsplit(url).path.strip('/') or 0}}}:"


def find_home(url: str, tag: str, deadline: float) -> Home:
    """Ask the server; each of its answers may take `deadline` seconds. Raises RedisError or OSError where it is away."""
    with patient(url, deadline) as client:
        try:
            if client.info("server").get("redis_mode") != "cluster":
                return Home(url)
        except ResponseError:
            # Who may not ask is no guest of a cluster: its clients have to.
            return Home(url)
        slot: Any = client.execute_command("CLUSTER KEYSLOT", tag)
        slots: Any = client.execute_command("CLUSTER SLOTS")
    for first, last, (host, port, *_), *_ in slots:
        if first <= slot <= last:
            return Home(_with_address(url, (host or b"").decode(), port), is_sharded=True)
    raise ConnectionError(f"no node of the cluster has slot {slot}")


def patient(url: str, deadline: float, **options: Any) -> Redis:
    """A client that waits so many seconds for each answer, and tries nothing twice."""
    return Redis.from_url(
        url, socket_timeout=deadline, socket_connect_timeout=deadline, retry=Retry(NoBackoff(), 0), **options
    )


def _with_address(url: str, host: str, port: int) -> str:
    """The same with another host and port; a node that does not know its own host is the one that was asked."""
    parts = urlsplit(url)
    credentials, at, _ = parts.netloc.rpartition("@")
    name = host or parts.hostname or ""
    return urlunsplit(parts._replace(netloc=f"{credentials}{at}{f'[{name}]' if ':' in name else name}:{port}"))
