"""Push complements the socket: who is active hears of a thing there, and the host's provider is told of it for the others."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from carillon.jobs.sweeps import close_connections
from carillon.notifications import actions, anotify, notify
from carillon.notifications.models import Delivery
from carillon.people.activity import active_among
from carillon.presence import stores
from carillon.testing import connect
from tests.support import mail, processes
from tests.support.covers import covers
from tests.support.mail import Receiver
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def provider(settings: Any) -> Iterator[Receiver]:
    """The host's end, which would pass things on to telephones."""
    stores.forget()
    with mail.receiver() as end:
        address = {"WEBHOOK_URL": f"http://127.0.0.1:{end.port}/push?v=1", "WEBHOOK_SECRET": "s3cret"}
        with override_settings(CARILLON={**settings.CARILLON, **address, "PRESENCE_GRACE": 0.1}):
            yield end
    stores.forget()


def outcome(user: Any) -> tuple[str, str]:
    """What became of somebody's last delivery."""
    row = Delivery.objects.filter(user=user).latest("pk")
    return row.state, row.reason


async def become(user: Any, *, active: bool) -> None:
    """Wait until somebody counts as active, or does not."""
    key = str(user.pk)
    await sync_to_async(processes.wait_for)(lambda: (key in active_among([key])) is active, f"active: {active}")


@covers("004-46")
async def test_the_socket_serves_who_is_active_and_push_who_is_not(provider: Receiver) -> None:
    alice, bruno = [await sync_to_async(make_user)() for _ in range(2)]

    async def pushed() -> list[str]:
        """Whom the provider was told of since it was asked last, in the order of the telling."""
        provider.posts.clear()
        await sync_to_async(actions.dispatch)("push")
        return [post.json["person"]["id"] for post in provider.posts]

    async with connect(alice) as socket:
        await become(alice, active=True)
        await anotify([alice, bruno], title="both", outlets=["push"])
        event = await socket.receive_event("notification.created")
        assert event["data"]["notification"]["title"] == "both"
        assert await pushed() == [str(bruno.pk)]
        assert await sync_to_async(outcome)(alice) == ("skipped", "active in the application")

        # An open page that nobody looks at, as on a telephone in the pocket.
        await socket.command("presence.set", {"state": "away"})
        await become(alice, active=False)
        await anotify(alice, title="in the pocket", outlets=["push"])
        assert await pushed() == [str(alice.pk)]
        await socket.command("presence.set", {"state": "online"})
        await become(alice, active=True)
    await become(alice, active=False)
    await anotify(alice, title="after leaving", outlets=["push"])
    assert await pushed() == [str(alice.pk)]
    assert await sync_to_async(outcome)(alice) == ("sent", "")
    # The thread that did this ends with the loop, and its connection would linger.
    await sync_to_async(close_connections)()


def test_what_is_posted_is_whole_and_signed(provider: Receiver) -> None:
    alice = make_user(language="en", email="alice@example.org", first_name="Alice")
    notify(alice, title="Zoé", url="/x", data={"room": 4}, actor=make_user(first_name="Zoé"), outlets=["webhook"])
    assert actions.dispatch("webhook") == 1
    [post] = provider.posts
    body, row = post.json, Delivery.objects.get()
    assert body["id"] == post.headers["webhook-id"] == f"{row.notification_id}.{row.pk}"
    assert (body["outlet"], body["language"], body["email"]) == ("webhook", "en", "alice@example.org")
    assert body["person"]["name"] == "Alice" and body["notification"]["actor"]["name"] == "Zoé"
    assert (body["notification"]["title"], body["notification"]["data"]) == ("Zoé", {"room": 4})
    signed = f"{body['id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    digest = hmac.new(b"s3cret", signed, hashlib.sha256).digest()
    assert post.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_a_redirect_is_not_followed_and_a_final_answer_is_believed(provider: Receiver) -> None:
    answers = {"moved": 307, "broken": 500, "gone": 410}
    provider.answer = lambda body: answers[body["notification"]["title"]]
    alice = make_user()
    for title in answers:
        notify(alice, title=title, outlets=["webhook"])
    assert actions.dispatch("webhook") == 3 and len(provider.posts) == 3
    found = Delivery.objects.order_by("pk").values_list("state", "reason")
    assert list(found) == [
        ("pending", "OSError: it answered 307"),
        ("pending", "OSError: it answered 500"),
        ("failed", "Rejected: it answered 410"),
    ]
