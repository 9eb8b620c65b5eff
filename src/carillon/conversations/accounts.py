"""Accounts: what conversations hear of users who are deleted."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete

from carillon.conversations import actions


def register() -> None:
    """Hear of it while who is deleted can still be told to the others, whatever model of the host's they are deleted as."""
    # Of a proxy only its own signal is sent; and who listens to every model makes every deletion of the host's slow.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            pre_delete.connect(_deleted, sender=model, dispatch_uid="carillon.conversations")


def _deleted(instance: Any, **_: object) -> None:
    actions.depart(instance.pk)
