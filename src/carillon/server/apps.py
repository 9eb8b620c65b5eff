"""The server's own Django app: its commands and its checks."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class CarillonServerConfig(AppConfig):
    """The ready-made server."""

    name = "carillon.server"
    label = "carillon_server"
    verbose_name = "Carillon server"

    def ready(self) -> None:
        """Register the system checks, and what gives a request's connection back."""
        from django.core.checks import Tags, register
        from django.core.signals import request_finished

        from carillon.server import checks

        register(checks.check_processes)
        register(checks.check_proxy)
        register(checks.check_secret, deploy=True)
        register(checks.check_demo_accounts, Tags.database)
        if settings.DEMO:
            from carillon.server.demo import kinds

            kinds.register()
            import_module("carillon.server.demo.answers")
        request_finished.connect(_close_sqlite, dispatch_uid="carillon.server")


def _close_sqlite(**_: object) -> None:
    """Close what this thread opened: under ASGI a request's thread ends with it, and its connection would linger."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            connection.close()
