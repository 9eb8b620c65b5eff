"""Makes people and the door's table in a migrated database, and prints the people's keys and long-lived tokens as JSON.

`python -m tests.e2e.faults.populate <how many>`
"""

from __future__ import annotations

import datetime as dt
import json
import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from tests.e2e.faults.hall import CREATE_DOOR  # noqa: E402


def main(count: int) -> None:
    """Make them."""
    with connection.cursor() as cursor:
        cursor.execute(CREATE_DOOR)
    users = get_user_model()._default_manager
    users.bulk_create(users.model(username=f"guest{number}", password="!") for number in range(count))
    made = []
    for user in users.filter(username__startswith="guest").order_by("pk"):
        token = AccessToken.for_user(user)
        # Issued yesterday, for as long as any run takes, so that clocks may be wrong.
        token.set_iat(at_time=dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
        token.set_exp(lifetime=dt.timedelta(days=30))
        made.append([str(user.pk), str(token)])
    print("PEOPLE", json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
