"""Settings of the tests: those of the ready-made server on a database of the tests' own.

CARILLON_TEST_DATABASE=postgres runs the same tests on PostgreSQL instead of SQLite.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="carillon-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

if os.environ.get("CARILLON_TEST_DATABASE", "sqlite") == "postgres":
    from tests.support import postgres

    os.environ["DATABASE_URL"] = postgres.shared_url()
else:
    os.environ.pop("DATABASE_URL", None)
os.environ["CARILLON_DATA"] = _folder
os.environ["CARILLON_DEMO"] = "1"

from carillon.server.settings import *  # noqa: E402, F403
from carillon.server.settings import DATABASES  # noqa: E402

# A file, not memory: threads, other processes and BEGIN IMMEDIATE behave as they do in earnest.
DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"} if "DATABASE_URL" not in os.environ else {}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
