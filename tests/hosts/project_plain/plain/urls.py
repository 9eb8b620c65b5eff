"""One page of the host's, and Carillon under two prefixes."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

from plain import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("orders/", views.order),
    path("me/", include("carillon.people.urls")),
    path("bell/", include("carillon.notifications.urls")),
]
