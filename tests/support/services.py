"""Other back ends for tests: clients that come with a service key."""

from __future__ import annotations

from typing import Any

from django.test import Client

from carillon.people.actions import create_key
from carillon.people.models import ServiceKey


class Service(Client):
    """A back end with a key of these scopes; JSON goes out with every write."""

    def __init__(self, *scopes: str, namespace: str = "billing", **options: Any) -> None:
        self.key: ServiceKey
        self.key, self.credential = create_key("a test", namespace, scopes, **options)
        super().__init__(headers={"Authorization": f"Api-Key {self.credential}"})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request with this body."""
        kind = {"content_type": "application/json"} if body is not None else {}
        return getattr(self, method)(path, **({"data": body} if body is not None else {}), **kind, headers=headers)
