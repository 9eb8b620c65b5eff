"""Prepared: the same rows as the ORM gives, with the SQL made once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.people.models import Profile, SignIn
from carillon.people.prepared import Prepared

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def _sign_in(name: str, sid: str) -> SignIn:
    user = get_user_model().objects.create_user(name, password="x")
    now = timezone.now()
    return SignIn.objects.create(
        sid=sid, user=user, refresh_jti="j", created_at=now, last_seen=now, expires_at=now + dt.timedelta(days=1)
    )


def test_a_prepared_row_is_the_row_of_the_orm_with_its_relations_in_one_query() -> None:
    alice, bruno = _sign_in("alice", "a"), _sign_in("bruno", "b")
    Profile.objects.update_or_create(user=alice.user, defaults={"display_name": "Alice M."})
    Profile.objects.filter(user=bruno.user).delete()
    prepared = Prepared(
        lambda sid: SignIn.objects.select_related("user__carillon_profile").filter(sid=sid, revoked_at=None)
    )
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as made:
            found = prepared.first("a", "default")
            assert found == alice and found.user == alice.user
            assert found.user.carillon_profile.display_name == "Alice M."
            assert found.expires_at == alice.expires_at and found.rotated == []
        assert len(made) == 1
    other = prepared.first("b", "default")
    assert other == bruno and not hasattr(other.user, "carillon_profile")
    assert prepared.first("c", "default") is None
    SignIn.objects.filter(sid="a").update(revoked_at=timezone.now())
    assert prepared.first("a", "default") is None
