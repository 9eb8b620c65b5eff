"""Somebody's client of REST, for the tests of conversations."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

URL = "/api/v1/conversations/"
PEOPLE = "/api/v1/people/"


class Rest(APIClient):
    """Somebody's client."""

    def __init__(self, user: Any) -> None:
        super().__init__()
        self.force_authenticate(user)

    def write(self, path: str, body: Any = None, *, method: str = "post", key: str = "") -> Any:
        headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        return getattr(self, method)(path, body, format="json", **headers)

    def json(self, path: str, **query: Any) -> Any:
        answer = self.get(path, query)
        assert answer.status_code == 200, answer.content
        return answer.json()


def refused_field(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, [error["field"] for error in answer.json().get("errors", ())]
