"""The host's own pages at the paths that Carillon's documents use, and Carillon under /rt/api/."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token

from beside import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("api/token/", obtain_auth_token),
    path("api/v1/notifications/", views.own_notifications),
    path("orders/", views.order),
    path("rt/api/", include("carillon.people.urls")),
    path("rt/api/", include("carillon.notifications.urls")),
    path("rt/api/", include("carillon.conversations.urls")),
    path("rt/api/", include("carillon.presence.urls")),
]
