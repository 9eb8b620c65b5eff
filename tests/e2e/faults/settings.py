"""Settings of the servers under faults: no limits in the way, halls, and the faults that a test plants or injects.

`CARILLON_LIMITS` as in `tests.e2e.limited`; `FAULTS_PLANTED` names a fault of `planted`; `FAULTS_CLOCK` is a file with the
seconds by which this process's wall clock is wrong.
"""

from __future__ import annotations

from tests.e2e.limited import *  # noqa: F403
from tests.e2e.limited import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.e2e.faults.apps.FaultsConfig"]
ROOT_URLCONF = "tests.e2e.faults.urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
