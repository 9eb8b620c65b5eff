"""Keyset pages: cursors are read back, hostile ones are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from carillon.errors import Invalid
from carillon.rest.pages import MAX_LIMIT, PageRequest, cursor_after, page_request


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
