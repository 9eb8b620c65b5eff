"""How often somebody may write by REST."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from carillon.conversations.api import limits
from tests.features.conversations.talk import pair
from tests.support.covers import covers

pytestmark = pytest.mark.django_db(transaction=True)


@covers("004-43")
@override_settings(CARILLON={"PERSON_COMMANDS_PER_SECOND": 2.0})
def test_who_writes_too_fast_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(limits, "_buckets", {})
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    alice, bruno, talk = pair()
    url = f"/api/v1/conversations/{talk.pk}/messages/"

    def say(person: Any) -> int:
        client = APIClient(HTTP_HOST="localhost")
        client.force_authenticate(person)
        answer = client.post(url, {"content": "x"}, format="json")
        if answer.status_code == 429:
            assert answer.json()["code"] == "rate_limited"
            assert 0 < float(answer["Retry-After"]) <= 1
        return int(answer.status_code)

    assert [say(alice) for _ in range(5)] == [201] * 4 + [429]
    # Nobody else is held up, and reading is not.
    assert say(bruno) == 201
    reader = APIClient(HTTP_HOST="localhost")
    reader.force_authenticate(alice)
    assert reader.get(url).status_code == 200
    now[0] += 0.5
    assert [say(alice), say(alice)] == [201, 429]
