"""A host with Django's own users and sessions, and nothing installed that Carillon can do without."""

import json
import os
import sys

# An optional package that is there for other tests is not there for this host.
ABSENT = (
    *("rest_framework_simplejwt", "jwt", "environ", "corsheaders", "whitenoise", "prometheus_client"),
    *("drf_spectacular_sidecar", "brotli", "celery", "redis", "channels", "daphne"),
)
sys.modules.update(dict.fromkeys(ABSENT))

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "of a host that only tests see, and therefore not a secret of any kind"
ROOT_URLCONF = "plain.urls"
DATABASES = {"default": json.loads(os.environ["HOST_DATABASE"])}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"

INSTALLED_APPS = [
    "carillon.notifications",
    "carillon.people",
    "carillon.realtime",
    "carillon.jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "plain",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"]}
