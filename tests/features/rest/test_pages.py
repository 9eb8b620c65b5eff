"""Keyset pages: complete, without repeats, undisturbed by what comes and goes; hostile cursors are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from carillon.errors import Invalid
from carillon.people.models import Profile
from carillon.rest.pages import MAX_LIMIT, PageRequest, cursor_after, page_request, read_page
from tests.support.people import make_users


@pytest.mark.django_db
def test_pages_follow_each_other_while_rows_come_and_go() -> None:
    profiles = Profile.objects.bulk_create(Profile(user=user) for user in make_users(10))
    ids = [profile.pk for profile in profiles]
    rows = Profile.objects.filter(pk__in=ids)
    first = read_page(rows, "id", PageRequest(limit=4))
    assert [row.pk for row in first.rows] == ids[:-5:-1]
    Profile.objects.filter(pk=ids[-1]).delete()
    (newer,) = Profile.objects.bulk_create([Profile(user=make_users(1)[0])])
    rows = Profile.objects.filter(pk__in=[*ids, newer.pk])
    second = read_page(rows, "id", page_request({"cursor": first.next or "", "limit": "4"}))
    third = read_page(rows, "id", page_request({"cursor": second.next or "", "limit": "4"}))
    assert [row.pk for row in [*second.rows, *third.rows]] == ids[5::-1]
    assert third.next is None


@pytest.mark.django_db
def test_a_full_last_page_has_no_next_one() -> None:
    Profile.objects.bulk_create(Profile(user=user) for user in make_users(3))
    assert read_page(Profile.objects.all(), "id", PageRequest(limit=3)).next is None
    assert read_page(Profile.objects.none(), "id", PageRequest()).rows == []


@given(some.integers(min_value=0, max_value=10**18 - 1))
def test_a_cursor_is_read_back(number: int) -> None:
    assert page_request({"cursor": cursor_after(number)}).before == number


@given(some.text(min_size=1, max_size=40))
def test_any_other_cursor_is_refused(text: str) -> None:
    try:
        before = page_request({"cursor": text}).before
    except Invalid as error:
        assert error.details[0]["field"] == "cursor"
    else:
        assert before is not None and cursor_after(before) == text


@pytest.mark.parametrize("limit", ["0", "-1", str(MAX_LIMIT + 1), "1.5", "x", "9" * 50, "\uff11"])
def test_a_limit_out_of_bounds_is_refused(limit: str) -> None:
    with pytest.raises(Invalid):
        page_request({"limit": limit})


def test_without_parameters_the_newest_thirty_are_meant() -> None:
    assert page_request({}) == PageRequest(before=None, limit=30)
