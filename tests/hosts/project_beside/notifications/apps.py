"""The host's app `notifications`, label and all."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The host's notifications."""

    name = "notifications"
