"""The shop's pages, and Carillon's REST under a prefix of the shop's choice."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

from shop import views

urlpatterns = [
    path("", views.counter),
    path("accounts/login/", LoginView.as_view()),
    path("live/", include("carillon.people.urls")),
    path("live/", include("carillon.notifications.urls")),
]
