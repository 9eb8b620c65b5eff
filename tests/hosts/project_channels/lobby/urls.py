"""The host's own pages, and Carillon under a prefix of the host's choice."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

from lobby import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view(template_name="registration/login.html")),
    path("announce/", views.announce),
    path("orders/", views.order),
    path("own-way/", views.own_way),
    path("live/", include("carillon.people.urls")),
    path("live/", include("carillon.notifications.urls")),
]
