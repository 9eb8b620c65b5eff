"""The ready-made server as it is, with topics that everybody may follow and a way to be told to send."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from bench.servers import sampler  # noqa: E402
from bench.servers.control import listen_in_thread, numbers, run  # noqa: E402
from carillon.realtime import log  # noqa: E402
from carillon.realtime.event import Fact, fact  # noqa: E402
from carillon.realtime.outbox import broadcast, outbox  # noqa: E402
from carillon.realtime.topic import Access, Topic, register_topic, user_topic  # noqa: E402
from carillon.server import serving  # noqa: E402
from carillon.server.asgi import application as carillon  # noqa: E402


@fact("bench.tick")
class Tick(Fact, frozen=True, kw_only=True):
    """About as much as a short chat message; `ts` is when its sending began, in ns of the monotonic clock."""

    ts: int
    n: int
    text: str


def _tick(number: int, size: int) -> Tick:
    return Tick(ts=time.monotonic_ns(), n=next(numbers[number]), text="x" * size)


def _topic(number: int) -> Topic:
    return Topic("bench", str(number))


def _person(number: int) -> Topic:
    return user_topic(_first() + number)


def _first(found: list[int] = []) -> int:  # noqa: B006 - asked once
    if not found:
        found.append(get_user_model()._default_manager.order_by("pk").values_list("pk", flat=True)[0])
    return found[0]


def tell(address: Callable[[int], Topic], number: int, count: int, size: int) -> str:
    """Broadcast to a topic."""
    for _ in range(count):
        broadcast(address(number), _tick(number, size))
    return ""


def tell_durably(number: int, count: int, size: int) -> str:
    """Publish to a topic, all of them in one transaction."""
    began = time.monotonic_ns()
    with outbox() as publish:
        for _ in range(count):
            publish(_topic(number), Tick(ts=began, n=next(numbers[number]), text="x" * size))
    return ""


def commit(number: int, count: int, size: int) -> str:
    """Commit one short row, and nothing else: what any durable write costs here, in ns."""
    began = time.monotonic_ns()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (text) VALUES (%s)", ["x" * size])
    return str(time.monotonic_ns() - began)


def place(number: int, count: int, size: int) -> str:
    """Where the log of a topic stands, as JSON."""
    (head,) = log.heads([_topic(number)]).values()
    return json.dumps({"epoch": head.epoch, "offset": head.offset}, separators=(",", ":"))


def prepare(people: int, tokens: Path) -> None:
    """Migrate, make so many users and write an access token for each, a line each."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (text text)")
    model = get_user_model()
    made = model._default_manager.bulk_create(model(username=f"bench{n}", password="!") for n in range(people))
    with tokens.open("w", encoding="utf-8") as lines:
        for user in made:
            token = AccessToken.for_user(user)
            # A whole run may take longer than a token lives.
            token.set_exp(lifetime=timedelta(hours=6))
            lines.write(f"{token}\n")


def main() -> None:
    """`prepare <people> <file>` makes the database; without arguments the server runs."""
    if sys.argv[1:2] == ["prepare"]:
        prepare(int(sys.argv[2]), Path(sys.argv[3]))
        return
    register_topic("bench", lambda identity, key: Access())
    works = {"b": partial(tell, _topic), "u": partial(tell, _person), "p": tell_durably, "c": commit, "h": place}
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    sampler.start_if_asked()
    listen_in_thread(works)
    run(carillon, **serving.options())


if __name__ == "__main__":
    main()
