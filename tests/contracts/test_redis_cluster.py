"""On a Redis cluster hints stay with one node: it is found, followed when it changes, and nobody else carries them."""

from __future__ import annotations

import asyncio

import pytest

from carillon.realtime.brokers.redis import RedisBroker, home
from tests.contracts.test_brokers import TALK, Listener, _until, _wait_until_taken, event
from tests.support import redis


async def test_on_a_cluster_only_the_node_that_has_the_channels_carries_them() -> None:
    here = RedisBroker(redis.cluster_url())
    await here.start(Listener(here))
    await here.subscribe(TALK)
    owner = redis.shared_cluster().owner_of(redis.TAG)
    for node in redis.shared_cluster().nodes:
        with node.client() as client:
            assert client.pubsub_channels("*conversation*") == []
            sharded = client.pubsub_shardchannels("*conversation*")
            assert sharded == (["{carillon:0}:conversation:1"] if node is owner else [])
    await here.stop()


async def test_channels_that_move_to_another_node_are_followed_there() -> None:
    cluster = redis.Cluster()
    listener, losses = Listener(here := RedisBroker(cluster.nodes[0].url)), []
    there = RedisBroker(cluster.nodes[1].url)
    try:
        await here.start(listener, lambda: losses.append(1))
        await here.subscribe(TALK)
        there.publish([event(1)])
        await listener.has(1)
        await asyncio.to_thread(cluster.move, redis.TAG)
        await _until(lambda: len(losses) == 2)
        await asyncio.to_thread(_wait_until_taken, there)
        there.publish([event(2)])
        assert [each.offset for each in await listener.has(2)] == [1, 2]
    finally:
        await here.stop()
        await there.stop()
        await asyncio.to_thread(cluster.remove)


def test_an_account_that_may_not_ask_the_server_is_no_guest_of_a_cluster() -> None:
    with redis.client_of(redis.shared_url()) as admin:
        admin.acl_setuser(
            "narrow", enabled=True, passwords=["+secret"], channels=["*"], commands=["+@pubsub", "+select"]
        )
    url = redis.shared_url().replace("redis://", "redis://narrow:secret@")
    assert home.find_home(url, redis.TAG, 5) == home.Home(url)


@pytest.mark.parametrize(
    ("url", "host", "expected"),
    [
        ("redis://seed:6379/0", "10.0.0.7", "redis://10.0.0.7:7001/0"),
        ("rediss://ann:pw@seed:6379/0?ssl_cert_reqs=none", "n7", "rediss://ann:pw@n7:7001/0?ssl_cert_reqs=none"),
        ("redis://seed", "", "redis://seed:7001"),
        ("redis://seed:1/0", "fd00::7", "redis://[fd00::7]:7001/0"),
    ],
)
def test_a_node_is_reached_as_the_cluster_was(url: str, host: str, expected: str) -> None:
    assert home._with_address(url, host, 7001) == expected
