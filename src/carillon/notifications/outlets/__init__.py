"""Outlets: ways by which a notification leaves for somebody who is not looking; one file for each, and OUTLETS adds a host's."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from carillon.conf import settings
from carillon.notifications.outlets.base import Outlet

# Imported when they are first used: most processes send nothing.
OURS = {
    "email": "carillon.notifications.outlets.email.Email",
    "push": "carillon.notifications.outlets.push.Push",
    "webhook": "carillon.notifications.outlets.webhook.Webhook",
}


def paths() -> Mapping[str, str]:
    """The dotted paths of what makes each outlet, by name."""
    return {**OURS, **settings.OUTLETS}


@functools.cache
def outlet_of(name: str) -> Outlet:
    """The outlet of that name; raises KeyError for an unknown one, ImportError for one that cannot be imported."""
    outlet: Outlet = import_string(paths()[name])()
    return outlet


def sweep_of(name: str) -> str:
    """The name of the sweep that hands over what leaves by this outlet."""
    return f"notifications.outlet.{name}"


def _forget(*, setting: str, **_: object) -> None:
    if setting == "CARILLON":
        outlet_of.cache_clear()


setting_changed.connect(_forget)
