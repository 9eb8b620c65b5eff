"""The ready-made server as it is, with one topic that everybody may follow and a way to be told to send."""

from __future__ import annotations

import json
import os
import sys
import time

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from bench.servers.control import run, with_control  # noqa: E402
from carillon.realtime.event import Fact, fact  # noqa: E402
from carillon.realtime.outbox import broadcast, outbox  # noqa: E402
from carillon.realtime.runtime import current  # noqa: E402
from carillon.realtime.topic import Access, Topic, register_topic  # noqa: E402
from carillon.server.asgi import application as carillon  # noqa: E402

TOPIC = Topic("bench", "1")


@fact("bench.tick")
class Tick(Fact, frozen=True, kw_only=True):
    """About as much as a short chat message."""

    n: int
    text: str = "x" * 100


_ticks = iter(range(1_000_000, 10_000_000))


def _publish() -> str:
    tick = Tick(n=next(_ticks))
    started = time.perf_counter()
    with outbox() as publish:
        publish(TOPIC, tick)
    return f"{tick.n} {started} {time.perf_counter()}"


def _bare() -> str:
    """One short row in one transaction, and nothing else: what any durable write costs here."""
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (text) VALUES (%s)", ["x" * 100])
    return f"0 {started} {time.perf_counter()}"


async def _tell() -> str:
    await current().call(broadcast, TOPIC, Tick(n=next(_ticks)))
    return ""


async def _tell_durably() -> str:
    return await current().call(_publish)


async def _commit() -> str:
    return await current().call(_bare)


def prepare(people: int) -> list[str]:
    """Migrate, make so many users and return an access token for each."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (text text)")
    model = get_user_model()
    made = model._default_manager.bulk_create(model(username=f"bench{n}", password="!") for n in range(people))
    return [str(AccessToken.for_user(user)) for user in made]


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        sys.stdout.write(json.dumps(prepare(int(sys.argv[2]))))
    else:
        register_topic("bench", lambda identity, key: Access())
        works = {b"b": _tell, b"p": _tell_durably, b"c": _commit}
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        run(with_control(carillon, works, knows_lifespan=True))
