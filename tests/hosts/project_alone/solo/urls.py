"""The host's pages, and Carillon by one route."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

from solo import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("orders/", views.order),
    path("api/", include("carillon.notifications.urls")),
]
