"""Public faces, preferences and stamps: of users with and without a Profile, in one query."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from carillon.people.models import Profile
from carillon.people.queries import people_of, person_of, preferences_of, users
from carillon.people.stamps import stamp_of, stamps_of
from carillon.realtime.identity import Person
from tests.support.people import make_user, make_users

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def host_face(user: Any) -> Person:
    return Person(id=str(user.pk), name=f"Dr {user.username}")


def wrong_face(user: Any) -> str:
    return user.username


def test_without_a_profile_a_person_has_the_name_of_the_user() -> None:
    bare, named = make_user("bare"), make_user("named", first_name="Inès", last_name="Benkirane")
    assert person_of(bare) == Person(id=str(bare.pk), name="bare", username="bare")
    assert person_of(named).name == "Inès Benkirane"


def test_a_profile_says_how_a_person_is_shown() -> None:
    user = make_user(first_name="Ines")
    Profile.objects.create(user=user, display_name="Inès B.", role="Électricité", avatar_url="/faces/ines.png")
    assert person_of(user) == Person(
        id=str(user.pk), name="Inès B.", role="Électricité", avatar="/faces/ines.png", username=user.get_username()
    )


def test_many_faces_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    crowd = make_users(30)
    Profile.objects.bulk_create(Profile(user=user, display_name=f"P{user.pk}") for user in crowd[:15])
    with django_assert_num_queries(1):
        faces = people_of(str(user.pk) for user in crowd)
    assert len(faces) == 30
    assert faces[str(crowd[0].pk)].name == f"P{crowd[0].pk}"
    assert people_of(["0", "not a key", uuid.uuid4(), None]) == {}


def test_a_host_may_show_people_its_own_way() -> None:
    user = make_user("house")
    with override_settings(CARILLON={"PERSON": f"{__name__}.host_face"}):
        assert person_of(user).name == "Dr house"
        assert people_of([user.pk])[str(user.pk)].name == "Dr house"
    with override_settings(CARILLON={"PERSON": f"{__name__}.wrong_face"}), pytest.raises(TypeError, match="Person"):
        person_of(user)


def test_languages_and_time_zones_have_defaults(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    english, other, bare = make_user(language="en"), make_user(language="xx"), make_user()
    Profile.objects.filter(user=english).update(time_zone="America/Lima")
    with django_assert_num_queries(1):
        found = {str(user.pk): preferences_of(user) for user in users([english.pk, str(other.pk), bare.pk])}
    assert (found[str(english.pk)].language, found[str(english.pk)].time_zone) == ("en", "America/Lima")
    assert found[str(other.pk)].language == found[str(bare.pk)].language == "fr"
    assert found[str(bare.pk)].time_zone == "Europe/Paris"


def test_stamps_of_all_connected_people_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    crowd = make_users(100)
    get_user_model().objects.filter(pk=crowd[0].pk).update(is_active=False)
    with django_assert_num_queries(1):
        stamps = stamps_of(str(user.pk) for user in crowd)
    assert str(crowd[0].pk) not in stamps and len(stamps) == 99
    assert all(stamps[str(user.pk)] == stamp_of(user) for user in crowd[1:])


def test_a_password_changed_behind_our_back_changes_the_stamp() -> None:
    user = make_user()
    before = stamp_of(user)
    user.set_password("another")
    user.save()
    assert stamps_of([str(user.pk)])[str(user.pk)] == stamp_of(user) != before
    assert user.password not in stamp_of(user)
