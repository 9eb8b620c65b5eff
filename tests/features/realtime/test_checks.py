"""System checks of the kernel that speak of dialects and channel layers."""

from __future__ import annotations

from typing import Any

from django.test import override_settings

from carillon.realtime import checks

OURS = {"default": {"BACKEND": "carillon.realtime.channel_layer.CarillonChannelLayer"}}
REDIS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}


def _ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_tokens_in_the_query_string_are_warned_of_where_a_dialect_takes_them() -> None:
    for carillon, expected in (
        ({"DIALECTS": ("native",)}, []),
        ({"DIALECTS": ("native", "bell")}, ["carillon.W005"]),
        ({"DIALECTS": ("native", "bell"), "ALLOW_QUERY_TOKEN": False}, []),
        ({"NO_SUCH_KEY": 1}, []),
    ):
        with override_settings(CARILLON=carillon):
            assert _ids(checks.check_query_tokens()) == expected


def test_another_channel_layer_is_told_what_it_misses() -> None:
    for layers, expected in ((OURS, []), ({}, []), (REDIS, ["carillon.I001"])):
        with override_settings(CHANNEL_LAYERS=layers):
            assert _ids(checks.check_channel_layer()) == expected


def test_channels_redis_under_a_client_that_it_does_not_know_is_warned_of() -> None:
    told = {"address": "redis://cache", "socket_timeout": None, "max_connections": 10_000}
    untold = {"address": "redis://cache"}
    pubsub = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
    for layers, major, expected in (
        (REDIS, 8, ["carillon.W006"]),
        (REDIS, 7, []),
        (REDIS, 0, []),
        ({"default": {**REDIS["default"], "CONFIG": {"hosts": [told]}}}, 8, []),
        ({"default": {**REDIS["default"], "CONFIG": {"hosts": [told, untold]}}}, 8, ["carillon.W006"]),
        ({"default": {**REDIS["default"], "CONFIG": {"hosts": [("cache", 6379)]}}}, 8, ["carillon.W006"]),
        ({**OURS, "old": REDIS["default"]}, 8, ["carillon.W006"]),
        (pubsub, 8, []),
        (OURS, 8, []),
    ):
        assert _ids(checks.redis_pair(layers, major)) == expected
    with override_settings(CHANNEL_LAYERS=REDIS):
        # The pair that is locked here works.
        assert checks.check_channels_redis() == []


def test_a_dialect_that_is_not_served_cannot_be_the_default() -> None:
    for name, expected in (("auto", []), ("bell", []), ("klingon", ["carillon.E003"])):
        with override_settings(CARILLON={"DIALECTS": ("native", "bell"), "NOTIFICATIONS_DIALECT": name}):
            assert _ids(checks.check_values()) == expected
