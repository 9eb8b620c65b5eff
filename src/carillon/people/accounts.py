"""Accounts: what features hear of users who are deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete


def before_deletion(act: Callable[[Any], object], name: str) -> None:
    """Call `act` with the key of each user who is about to be deleted, whatever model of the host's they are deleted as.

    It runs in the transaction of the deletion, before any row goes. `name` says whose it is: again, it is the same.
    """

    def deleted(instance: Any, **_: object) -> None:
        act(instance.pk)

    # Of a proxy only its own signal is sent; and who listens to every model makes every deletion of the host's slow.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            pre_delete.connect(deleted, sender=model, weak=False, dispatch_uid=name)
