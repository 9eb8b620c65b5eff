"""What makes the ready-made server one for fault tests: halls, and the faults that its environment names."""

from __future__ import annotations

import os

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Everything is imported late: the kernel's tables are there only when all apps are known."""

    name = "tests.e2e.faults"
    label = "faults"

    def ready(self) -> None:
        from carillon.realtime.topic import register_topic
        from tests.e2e.faults import clocks, hall, planted

        register_topic(hall.KIND, hall.may_enter)
        if fault := os.environ.get("FAULTS_PLANTED"):
            planted.PLANTS[fault]()
        if path := os.environ.get("FAULTS_CLOCK"):
            clocks.follow(path)
