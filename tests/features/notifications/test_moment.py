"""A snapshot is of one moment: list, counters and position belong together, whoever writes while it is read."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory, force_authenticate

from carillon.notifications import notify
from carillon.notifications.api.reading import snapshot_of
from carillon.notifications.models import Notification
from carillon.realtime import log
from carillon.realtime.topic import user_topic
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def _request(user: Any) -> Request:
    plain = APIRequestFactory().get("/")
    force_authenticate(plain, user)
    request = Request(plain)
    request.user = user
    return request


@pytest.mark.parametrize("writers", [0, 1, 2])
def test_what_is_read_belongs_together(writers: int) -> None:
    alice = make_user()
    notify(alice, title="before")
    read: list[int] = []

    def rows() -> int:
        found = Notification.objects.filter(user=alice).count()
        if len(read) < writers:
            notify(alice, title="right after the rows were read")
        read.append(found)
        return found

    found, inbox, position = snapshot_of(_request(alice), rows)
    assert found == inbox.unread == inbox.version == 1 + writers
    assert position == log.head(user_topic(alice.pk)).position
    assert len(read) == 1 + writers
