"""A host whose `runserver` is daphne's, with tokens of simplejwt."""

import json
import os

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "of a host that only tests see, and therefore not a secret of any kind"
ASGI_APPLICATION = "served.asgi.application"
ROOT_URLCONF = "served.urls"
DATABASES = {"default": json.loads(os.environ["HOST_DATABASE"])}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"

INSTALLED_APPS = [
    "daphne",
    "carillon.notifications",
    "carillon.people",
    "carillon.realtime",
    "carillon.jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "served",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["carillon.people.tokens.JWTAuthentication"]}
