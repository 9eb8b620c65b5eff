"""A Channels host: consumers, groups and a worker of its own; HOST_LAYERS is its CHANNEL_LAYERS, HOST_REDIS a Redis for Carillon."""

import json
import os

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "of a host that only tests see, and therefore not a secret of any kind"
ROOT_URLCONF = "lobby.urls"
ASGI_APPLICATION = "lobby.asgi.application"
DATABASES = {"default": json.loads(os.environ["HOST_DATABASE"])}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"
CHANNEL_LAYERS = json.loads(os.environ.get("HOST_LAYERS", "{}"))
CARILLON = {
    "DIALECTS": ("native", "bell"),
    "REDIS_URL": os.environ.get("HOST_REDIS", ""),
    "SWEEP_INTERVAL": (0.5, 1.0),
}

INSTALLED_APPS = [
    "channels",
    "lobby",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "carillon.notifications",
    "carillon.people",
    "carillon.realtime",
    "carillon.jobs",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
