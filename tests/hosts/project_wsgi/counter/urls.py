"""Two pages of the host's, and Carillon under one prefix."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

from counter import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("orders/", views.order),
    path("everybody/", views.everybody),
    path("live/", include("carillon.people.urls")),
    path("live/", include("carillon.notifications.urls")),
]
