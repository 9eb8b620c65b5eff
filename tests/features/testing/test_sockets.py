"""FakeSocket: the real endpoint in the test's own process, under pytest and in both of Django's test cases."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.test import TestCase, TransactionTestCase, override_settings

from carillon.dialects.bell.consumers import NotificationConsumer
from carillon.notifications import anotify, notify
from carillon.notifications.models import Notification
from carillon.realtime import runtime
from carillon.testing import Closed, Refused, connect
from tests.support.people import make_user

committed = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
DIALECTS = {"DIALECTS": ("native", "bell"), "RUNNER": "embedded"}


async def person(**columns: Any) -> Any:
    return await sync_to_async(make_user)(**columns)


class TestUnderPytest:
    """pytest-asyncio with transaction=True."""

    pytestmark = committed

    async def test_a_notification_rings_and_is_read(self) -> None:
        alice, bruno = await person(), await person()
        async with connect(alice) as socket, connect(bruno) as other:
            assert socket.hello["user_topic"] == f"user:{alice.pk}"
            made = await anotify(alice, title="It rings")
            event = await socket.receive_event("notification.created")
            assert event["data"]["notification"]["title"] == "It rings"
            reply = await socket.command("notification.read", {"ids": [made.notifications[0].pk]})
            assert reply["inbox"]["unread"] == 0
            assert (await socket.receive())["type"] == "notification.updated"
            await socket.expect_nothing()
            await other.expect_nothing()

    async def test_what_comes_is_not_nothing(self) -> None:
        alice = await person()
        async with connect(alice) as socket:
            await anotify(alice, title="It rings")
            with pytest.raises(AssertionError, match=r"nothing was to come, but there is\n.*It rings"):
                await socket.expect_nothing()

    async def test_what_does_not_come_is_told(self) -> None:
        async with connect(await person()) as socket:
            with pytest.raises(AssertionError, match=r"a frame of type 'x' did not come in time on /ws/"):
                await socket.receive_event("x", seconds=0.3)
            await socket.send({"type": "ping", "ref": "r1"})
            with pytest.raises(AssertionError, match=r"in time on /ws/; what came is\n.*\"ref\": \"r1\""):
                await socket.receive_event("x", seconds=2)

    async def test_events_that_come_before_an_answer_wait_in_their_order(self) -> None:
        alice = await person()
        async with connect(alice) as socket:
            for number in range(3):
                await anotify(alice, title=str(number))
            await socket.command("ping")
            titles = [(await socket.receive())["data"]["notification"]["title"] for _ in range(3)]
            assert titles == ["0", "1", "2"]

    async def test_a_refused_command_is_an_exception(self) -> None:
        async with connect(await person()) as socket:
            with pytest.raises(Refused) as refused:
                await socket.command("notification.read", {"ids": ["ffffffffffff"]})
            assert refused.value.code == "not_found"
            await socket.send("{")
            assert (await socket.receive())["data"]["code"] == "malformed"

    async def test_strangers_and_bad_tokens_are_told(self) -> None:
        with override_settings(CARILLON={"AUTH_DEADLINE": 0.01}):
            async with connect() as socket:
                assert socket.hello == {}
                assert await socket.closed() == 4000
        with pytest.raises(Closed) as refused:
            async with connect(token="nonsense"):
                raise AssertionError("it was let in")
        assert refused.value.code == 4002

    async def test_a_page_of_another_origin_is_refused_before_it_is_open(self) -> None:
        headers = {"Cookie": "sessionid=x", "Origin": "https://evil.example", "Host": "testserver"}
        with pytest.raises(Closed, match="HTTP 403") as refused:
            async with connect(headers=headers):
                raise AssertionError("it was let in")
        assert refused.value.status == 403

    async def test_any_dialect_at_its_own_address(self) -> None:
        alice = await person()
        with override_settings(CARILLON=DIALECTS):
            async with connect(alice, path="/ws/notifications/") as socket:
                made = await anotify(alice, title="It rings")
                frame = await socket.receive_event("notification")
                assert made.notifications[0].pk in str(frame)

    async def test_a_hosts_own_application(self) -> None:
        alice = await person()
        with override_settings(CARILLON=DIALECTS):
            application: Any = NotificationConsumer.as_asgi()
            async with connect(alice, path="/anywhere/", application=application) as socket:
                await anotify(alice, title="It rings")
                assert await socket.receive_event("notification")

    async def test_an_application_that_fails_fails_the_test(self) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            raise ZeroDivisionError("a fault of the host")

        with pytest.raises(ZeroDivisionError, match="a fault of the host"):
            async with connect(application=broken):
                raise AssertionError("it was let in")

    async def test_nothing_runs_beside_the_test_and_nothing_is_left(self) -> None:
        before = set(threading.enumerate())
        with override_settings(CARILLON=DIALECTS):
            async with connect(await person()) as first, connect(await person()):
                assert not [thread for thread in threading.enumerate() if "apscheduler" in thread.name.lower()]
                assert len(runtime.current().connections) == 2
                await first.close()
        assert runtime._current == []
        assert not {thread for thread in set(threading.enumerate()) - before if thread.name.startswith("carillon")}


@pytest.mark.both_databases
class InATestCase(TestCase):
    """Nothing is committed here; the socket hears it all the same."""

    async def test_a_notification_rings(self) -> None:
        alice = await get_user_model().objects.acreate(username="alice-in-a-test-case")
        async with connect(alice) as socket:
            await anotify(alice, title="It rings")
            event = await socket.receive_event("notification.created")
            assert event["data"]["inbox"]["unread"] == 1
            await socket.command("notification.read_all", {"up_to": 1})
            assert (await socket.receive())["type"] == "notification.all_read"
            await socket.expect_nothing()

    async def test_from_a_view_too(self) -> None:
        alice = await get_user_model().objects.acreate(username="alice-in-a-test-case")
        await self.async_client.aforce_login(alice)
        row = (await anotify(alice, title="It rings")).notifications[0]
        async with connect(alice) as socket:
            answer = await self.async_client.post(
                f"/api/v1/notifications/{row.pk}/read/", content_type="application/json"
            )
            assert answer.status_code == 200
            assert (await socket.receive_event("notification.updated"))["data"]["inbox"]["unread"] == 0

    def test_nothing_of_the_others_is_left(self) -> None:
        assert not Notification.objects.exists()
        assert notify(make_user(), title="Alone").position is not None


@pytest.mark.both_databases
class InATransactionTestCase(TransactionTestCase):
    """Here everything is committed."""

    async def test_a_notification_rings(self) -> None:
        alice = await get_user_model().objects.acreate(username="alice-of-transactions")
        async with connect(alice) as socket:
            await anotify(alice, title="It rings")
            await socket.receive_event("notification.created")
            await socket.expect_nothing()
