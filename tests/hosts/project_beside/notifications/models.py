"""The host's own Notification, with the default reverse name on the user."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """What this host has always called a notification."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    text = models.CharField(max_length=200)
