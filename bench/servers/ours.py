"""The ready-made server as it is, with one topic that everybody may follow and a way to be told to send."""

from __future__ import annotations

import json
import os
import sys
import time

from carillon.server.asgi import application as carillon

# After Django is set up.
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from bench.servers.control import run, with_control  # noqa: E402
from carillon.notifications.models import Notification  # noqa: E402
from carillon.realtime.event import Fact, fact  # noqa: E402
from carillon.realtime.outbox import broadcast, outbox  # noqa: E402
from carillon.realtime.runtime import current  # noqa: E402
from carillon.realtime.topic import Access, Topic, register_topic  # noqa: E402

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
    """One row in one transaction, and nothing else: what any durable write costs here."""
    user = get_user_model()._default_manager.order_by("pk").values_list("pk", flat=True)[0]
    row = Notification(user_id=user, title="x" * 100)
    started = time.perf_counter()
    Notification.objects.bulk_create([row])
    ended = time.perf_counter()
    Notification.objects.filter(pk=row.pk).delete()
    return f"0 {started} {ended}"


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
