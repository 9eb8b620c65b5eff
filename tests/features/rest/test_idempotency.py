"""`Idempotency-Key`: one write, one answer, however often it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from carillon.errors import Conflict
from carillon.people.models import Ticket
from carillon.rest.idempotency import HEADER, repeatable
from carillon.rest.views import CarillonAPIView
from tests.support.people import make_user

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


class View(CarillonAPIView):
    """Makes a row for each time the work is done."""

    def post(self, request: Request) -> Response:
        def work() -> Callable[[], Any]:
            if request.data.get("refuse"):
                raise Conflict("conflict", "not now")
            number = Ticket.objects.count()
            Ticket.objects.create(digest=str(number), user=request.user, expires_at="2030-01-01T00:00Z")
            return lambda: {"number": number}

        return repeatable(request, "test.make", dict(request.data), work, status=201)


def post(user: Any, body: dict[str, Any], key: str | None = None) -> Any:
    headers = {} if key is None else {HEADER: key}
    request = APIRequestFactory().post("/", body, format="json", headers=headers)
    force_authenticate(request, user=user)
    response = View.as_view()(request)
    response.render()
    return response


def test_the_same_key_gets_the_first_answer() -> None:
    user = make_user()
    first, again = post(user, {"a": 1}, "k"), post(user, {"a": 1}, "k")
    assert first.status_code == again.status_code == 201
    assert json.loads(first.content) == json.loads(again.content) == {"number": 0}
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 1


def test_another_body_under_the_same_key_is_refused() -> None:
    user = make_user()
    post(user, {"a": 1}, "k")
    refused = post(user, {"a": 2}, "k")
    assert (refused.status_code, json.loads(refused.content)["code"]) == (422, "idempotency_mismatch")


def test_another_person_or_no_key_is_another_write() -> None:
    user = make_user()
    post(user, {}, "k")
    post(make_user(), {}, "k")
    post(user, {})
    assert Ticket.objects.count() == 3


def test_a_refusal_is_not_kept() -> None:
    user = make_user()
    assert post(user, {"refuse": True}, "k").status_code == 409
    assert post(user, {"a": 1}, "k").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "é"])
def test_a_hostile_key_is_refused(key: str) -> None:
    refused = post(make_user(), {}, key)
    assert (refused.status_code, json.loads(refused.content)["code"]) == (400, "invalid")
