"""Audiences: who is in them, and how a host names its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from carillon.errors import Invalid
from carillon.people import audiences
from carillon.people.audiences import audience, audience_of, everyone, with_role
from carillon.people.models import Profile
from tests.support.people import make_user, make_users

pytestmark = pytest.mark.django_db


def with_profile(role: str, **columns: Any) -> Any:
    user = make_user(**columns)
    Profile.objects.create(user=user, role=role)
    return user


def test_everyone_is_every_active_user_with_or_without_a_profile() -> None:
    mentor, plain, _ = with_profile("Mentor"), make_user(), make_user(is_active=False)
    assert set(everyone()) == {mentor, plain} == set(audience_of("everyone"))


def test_a_role_is_matched_exactly_among_active_users() -> None:
    mentor = with_profile("Mentor")
    with_profile("Mentore"), with_profile("mentor"), with_profile("Mentor", is_active=False), make_user()
    assert list(with_role("Mentor")) == [mentor] == list(audience_of("with_role", name="Mentor"))
    assert list(with_role("Mentor").filter(username="somebody else")) == [], "a host can narrow it"
    with pytest.raises(Invalid, match="needs a name"):
        with_role("")


def test_a_host_names_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "_audiences", audiences.registered_audiences())
    people = make_users(3)

    @audience("named")
    def named(start: str, *, but: int = 0) -> list[int]:
        return [user.pk for user in get_user_model().objects.filter(username__startswith=start).exclude(pk=but)]

    assert audience_of("named", start="person", but=people[0].pk) == [people[1].pk, people[2].pk]
    assert named("person") == [user.pk for user in people], "it stays an ordinary function"
    with pytest.raises(ValueError, match="registered twice"):
        audience("named")(named)
    with pytest.raises(Invalid, match="missing a required argument: 'start'"):
        audience_of("named")
    with pytest.raises(Invalid, match="unexpected keyword argument 'town'"):
        audience_of("named", start="x", town="Lyon")
    with pytest.raises(Invalid, match="No audience 'nobody'") as caught:
        audience_of("nobody")
    assert caught.value.details[0]["field"] == "audience"
