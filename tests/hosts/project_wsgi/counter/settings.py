"""A host whose pages are served by WSGI, and whose background work is left to `carillon_worker`."""

import json
import os

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "of a host that only tests see, and therefore not a secret of any kind"
ROOT_URLCONF = "counter.urls"
WSGI_APPLICATION = "counter.wsgi.application"
DATABASES = {"default": json.loads(os.environ["HOST_DATABASE"])}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"
CARILLON = {"RUNNER": "none", "SWEEP_INTERVAL": (0.5, 1.0)}

INSTALLED_APPS = [
    "counter",
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
