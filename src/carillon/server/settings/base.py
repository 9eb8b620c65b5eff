"""Settings of the ready-made server. Nothing set = a working server on SQLite at 127.0.0.1; each variable grows it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from carillon import __version__
from carillon.server.settings.environment import (
    data_folder,
    database,
    env,
    host_of,
    mail,
    origin_of,
    redis_url,
    secret_key,
)

SERVER = Path(__file__).resolve().parents[1]
DATA = data_folder()

# What this server is: a demonstration, something under development, or neither.
DEMO = env.bool("CARILLON_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)

# Where it is reached. With an https address, everything that can insist on TLS does.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
IS_SECURE = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]),
    *([host_of(PUBLIC_URL)] if PUBLIC_URL else []),
]
# Pages of other origins that may call the API (REQUIREMENTS 000-45); in the demo, Vite's own server too.
CORS_ALLOWED_ORIGINS = env.list(
    "CORS_ALLOWED_ORIGINS", default=["http://localhost:5173", "http://127.0.0.1:5173"] if DEMO else []
)
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(?:api|notifications)/"
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-csrftoken", "x-request-id"]
CORS_EXPOSE_HEADERS = ["idempotency-replayed", "link", "retry-after", "x-request-id"]
CSRF_TRUSTED_ORIGINS = [*([origin_of(PUBLIC_URL)] if PUBLIC_URL else []), *CORS_ALLOWED_ORIGINS]

SECRET_KEY = secret_key(DATA)
DATABASES = {"default": database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "carillon.server.apps.CarillonServerConfig",
    "carillon.conversations",
    "carillon.notifications",
    "carillon.presence",
    "carillon.people",
    "carillon.realtime",
    "carillon.jobs",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "carillon.server.middleware.security_headers",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "carillon.server.urls"
ASGI_APPLICATION = "carillon.server.asgi.application"
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

# How mail leaves, and from whom (REQUIREMENTS 001-34); in the demo, into a folder.
globals().update(mail(DATA, is_demo=DEMO))
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Carillon <carillon@example.org>" if DEMO else "webmaster@localhost"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="fr")
LANGUAGES = [("fr", "Français"), ("en", "English")]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Paris")
USE_TZ = True

STATIC_URL = "/static/"
DEMO_INDEX = SERVER / "static" / "demo" / "index.html"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600) if IS_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGIN_RATE = env.str("LOGIN_RATE", default="")
# What host code sends to a Channels group reaches our sockets, where Channels is installed at all.
CHANNEL_LAYERS = {"default": {"BACKEND": "carillon.realtime.channel_layer.CarillonChannelLayer"}}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "carillon.people.tokens.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "carillon.rest.problems.handle_exception",
    # Documented in carillon.people.api.throttles; a load test from one address wants another figure.
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(("carillon_login", "carillon_login_address"), LOGIN_RATE)
    if LOGIN_RATE
    else {},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Rotation and reuse detection are those of carillon.people.tokens, which keeps no token in the database.
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ROTATE_REFRESH_TOKENS": True,
    # Clocks of two hosts differ a little.
    "LEEWAY": 5,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Carillon",
    "DESCRIPTION": "Notifications that are durable and live.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.1",
    # Operations are grouped by what follows it.
    "SCHEMA_PATH_PREFIX": r"/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    # Public: a token that has expired meanwhile is no reason to refuse it.
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [],
}

CARILLON = {
    "DIALECTS": ("native", "bell", "mentoring", "rooms", "dating"),
    "PUBLIC_URL": PUBLIC_URL,
    # Views redirect; a socket cannot.
    "REQUIRE_TLS": IS_SECURE and not (DEMO or DEBUG),
    "ALLOWED_ORIGINS": tuple(CORS_ALLOWED_ORIGINS),
    "REDIS_URL": redis_url(),
    "RUNNER": env.str("CARILLON_RUNNER", default="embedded"),
    "SITE_NAME": env.str("SITE_NAME", default="Carillon" if DEMO else ""),
    "WEBHOOK_URL": env.str("WEBHOOK_URL", default=""),
    "WEBHOOK_SECRET": env.str("WEBHOOK_SECRET", default=""),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "carillon.server.logs.Scrub"}},
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["scrub"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django and uvicorn would print through handlers of their own, which scrub nothing.
    "loggers": {
        "carillon": {"level": env.str("LOG_LEVEL", default="INFO")},
        "django": {"level": "INFO", "handlers": []},
        "uvicorn": {"level": "INFO", "handlers": []},
        "uvicorn.access": {"level": "INFO", "handlers": []},
        "uvicorn.error": {"level": "INFO", "handlers": []},
    },
}
