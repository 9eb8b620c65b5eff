"""What an outlet owes: one key however often, a refusal that is told from an accident, and no victim but who is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings

from carillon.notifications.models import Notification
from carillon.notifications.outlets import OURS, outlet_of
from carillon.notifications.outlets.base import Outgoing, Outlet, Rejected, Unreachable
from tests.support import mail, processes
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@dataclass
class Far:
    """The far end of an outlet: the keys that it took, and how to have it fail for one address."""

    keys: Callable[[], list[str]]
    fail: Callable[[str], object]


@contextmanager
def _smtp(port: int) -> Iterator[Far]:
    with (
        mail.mail_server(port) as server,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.port,
            DEFAULT_FROM_EMAIL="bells@example.org",
        ),
    ):
        yield Far(lambda: [each.strip("<>").partition("@")[0] for each in server.ids], server.busy.add)


def _hook(**options: Any) -> Callable[[int], AbstractContextManager[Far]]:
    @contextmanager
    def run(port: int) -> Iterator[Far]:
        failing: set[str] = set()
        given = {"WEBHOOK_SECRET": "s3cret", **options}
        with mail.receiver(port) as end:
            end.answer = lambda body: 503 if body["email"] in failing else 200
            with override_settings(CARILLON={**given, "WEBHOOK_URL": f"http://127.0.0.1:{end.port}/hook"}):
                yield Far(
                    lambda: [post.json["id"] for post in end.posts if post.json["email"] not in failing], failing.add
                )

    return run


# One line for each outlet; each has to pass everything below.
OUTLETS: dict[str, Callable[[int], AbstractContextManager[Far]]] = {"email": _smtp, "push": _hook(), "webhook": _hook()}


@pytest.fixture(params=sorted(OUTLETS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def far(name: str) -> Iterator[Far]:
    with OUTLETS[name](0) as far:
        yield far


@pytest.fixture
def outlet(name: str, far: Far) -> Outlet:
    return outlet_of(name)


def item(key: str = "a1.1", address: str = "alice@example.org", title: str = "Bonjour") -> Outgoing:
    user = make_user(email=address)
    return Outgoing(key, Notification(id="a1", user=user, title=title, number=1), user, "fr")


def test_every_outlet_of_ours_is_held_to_it() -> None:
    assert OURS.keys() == OUTLETS.keys()


def test_it_hands_over_each_with_its_key_and_a_repeat_with_the_same(outlet: Outlet, far: Far) -> None:
    first = item()
    with outlet.open() as send:
        send(first)
        send(item("b2.2"))
        send(first)
    assert far.keys() == ["a1.1", "b2.2", "a1.1"]


def test_who_cannot_be_served_now_holds_back_nobody(outlet: Outlet, far: Far) -> None:
    far.fail("carol@example.org")
    with outlet.open() as send:
        with pytest.raises(Exception) as caught:
            send(item("c3.3", "carol@example.org"))
        assert not isinstance(caught.value, Rejected | Unreachable), "it may be better next time"
        send(item("a1.1"))
    assert far.keys() == ["a1.1"]


def test_a_far_end_that_is_away_is_told_from_one_that_refuses(name: str) -> None:
    port = processes.free_port()
    with OUTLETS[name](port):
        pass
    with OUTLETS[name](0) as far:
        here = override_settings(EMAIL_PORT=port, CARILLON={"WEBHOOK_URL": f"http://127.0.0.1:{port}/"})
        with here, outlet_of(name).open() as send, pytest.raises(Unreachable):
            send(item())
        assert far.keys() == []


def test_what_it_says_cannot_end_a_header(outlet: Outlet, far: Far) -> None:
    with outlet.open() as send:
        send(item(title="Hello\r\nBcc: mallory@example.org\r\n\r\n<script>alert(1)</script>"))
    assert far.keys() == ["a1.1"]


def test_it_says_how_long_it_waits(outlet: Outlet) -> None:
    assert outlet.delay_of("error") == 0 <= outlet.delay_of("info")
