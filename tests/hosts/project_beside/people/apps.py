"""The host's app `people`, label and all."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The host's people."""

    name = "people"
