"""One page of the host's, and Carillon at its usual place."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

from served import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("orders/", views.order),
    path("api/v1/", include("carillon.people.urls")),
    path("api/v1/", include("carillon.notifications.urls")),
]
