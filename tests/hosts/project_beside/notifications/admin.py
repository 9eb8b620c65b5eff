"""The host's notifications in the admin, under the name that Carillon's have too."""

from django.contrib import admin

from notifications.models import Notification

admin.site.register(Notification)
