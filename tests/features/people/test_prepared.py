"""Prepared: the same rows as the ORM gives, with the SQL made once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carillon.people.models import Profile, SignIn
from carillon.people.prepared import Prepared, PreparedMany

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


def test_rows_of_many_keys_are_those_of_the_orm_however_many() -> None:
    made = [_sign_in(f"u{number}", f"s{number}") for number in range(66)]
    Profile.objects.update_or_create(user=made[0].user, defaults={"signed_out_at": timezone.now()})
    model = get_user_model()
    texts = PreparedMany(
        lambda sids: SignIn.objects.filter(sid__in=sids, revoked_at=None).values_list("sid", "user", "created_at"),
        lambda: SignIn._meta.pk,
    )
    users = PreparedMany(
        lambda keys: model.objects.filter(pk__in=keys).select_related("carillon_profile"), lambda: model._meta.pk
    )
    for count in (0, 1, 2, 4, 5, 64, 66):
        some = made[:count]
        assert sorted(texts.rows([each.sid for each in some], "default")) == sorted(
            (each.sid, each.user_id, each.created_at) for each in some
        )
        with CaptureQueriesContext(connection) as queries:
            found = {user.pk: user for user in users.rows([each.user_id for each in some], "default")}
            assert set(found) == {each.user_id for each in some}
            if count:
                assert found[made[0].user_id].carillon_profile.signed_out_at is not None
        assert len(queries) == min(count, 1)
    assert list(texts.rows(["nobody", "-1", "s0"], "default")) == list(texts.rows(["s0"], "default"))
