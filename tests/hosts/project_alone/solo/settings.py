"""A host with notifications alone: users keyed by UUID who sign in by e-mail address, one route, Carillon's defaults."""

import json
import os

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "of a host that only tests see, and therefore not a secret of any kind"
ROOT_URLCONF = "solo.urls"
DATABASES = {"default": json.loads(os.environ["HOST_DATABASE"])}
AUTH_USER_MODEL = "solo.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "solo",
    # Notifications, and what they stand on.
    "carillon.notifications",
    "carillon.people",
    "carillon.realtime",
    "carillon.jobs",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
