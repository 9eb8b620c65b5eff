"""Makes users for tests; each name is used once."""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib.auth import get_user_model

from carillon.people.models import Profile

_numbers = itertools.count(1)


def make_user(name: str = "", *, language: str = "", **columns: Any) -> Any:
    """A user, with a Profile when a language is given; the password is unusable, which is quick."""
    model = get_user_model()
    user = model._default_manager.create(username=name or f"person{next(_numbers)}", password="!", **columns)
    if language:
        Profile.objects.create(user=user, language=language)
    return user


def make_users(count: int) -> list[Any]:
    """Many users at once."""
    model = get_user_model()
    names = [f"person{next(_numbers)}" for _ in range(count)]
    return list(model._default_manager.bulk_create(model(username=name, password="!") for name in names))
