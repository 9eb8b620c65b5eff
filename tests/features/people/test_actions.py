"""Writes about people: announced where they must be, atomic where two could meet, refused with the field's name."""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from carillon.errors import Invalid, Unauthenticated
from carillon.people import actions, jobs
from carillon.people.models import Profile, SignIn, Ticket
from carillon.people.stamps import stamp_of, stamps_of
from carillon.realtime import log
from carillon.realtime.event import Event
from carillon.realtime.topic import user_topic
from tests.support.people import make_user

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

DAY = dt.timedelta(days=1)


def told(user: Any) -> list[Event]:
    return log.read(user_topic(user.pk), 0, 100).events


def signed_in(user: Any, jti: str = "first") -> SignIn:
    return actions.sign_in(user, refresh_jti=jti, lifetime=DAY)


def test_a_changed_profile_is_announced_whole() -> None:
    user = make_user("alice")
    actions.update_profile(user, display_name="Alice Fontaine", language="en", time_zone="Europe/Paris")
    actions.update_profile(user, role="Mentorée")
    last = told(user)[-1]
    assert last.type == "profile.updated"
    assert json.loads(last.data) == {
        "person": {
            "id": str(user.pk),
            "name": "Alice Fontaine",
            "role": "Mentorée",
            "avatar": "",
            "username": user.get_username(),
        },
        "language": "en",
        "time_zone": "Europe/Paris",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "x" * 151),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "//elsewhere.example/x.png"),
        ("language", "xx"),
        ("time_zone", "Europe/Nowhere"),
    ],
)
def test_what_a_profile_cannot_hold_is_refused_by_field(field: str, value: str) -> None:
    user = make_user()
    with pytest.raises(Invalid) as refused:
        actions.update_profile(user, **{field: value})
    assert [detail["field"] for detail in refused.value.details] == [field]
    assert not Profile.objects.exists() and told(user) == []


def test_a_ticket_opens_once_and_is_kept_as_a_digest() -> None:
    user = make_user()
    ticket = actions.issue_ticket(user, session="x", session_expires_at=5.0)
    assert ticket not in str(list(Ticket.objects.values()))
    redeemed = actions.redeem_ticket(ticket)
    assert (redeemed.user, redeemed.session, redeemed.session_expires_at) == (user, "x", 5.0)
    for again in (ticket, "unknown", ""):
        with pytest.raises(Unauthenticated) as refused:
            actions.redeem_ticket(again)
        assert refused.value.slug == "token_invalid"


def test_a_ticket_is_good_for_thirty_seconds() -> None:
    user = make_user()
    late, timely = actions.issue_ticket(user), actions.issue_ticket(user)
    Ticket.objects.update(expires_at=F("expires_at") - dt.timedelta(seconds=29))
    actions.redeem_ticket(timely)
    Ticket.objects.update(expires_at=F("expires_at") - dt.timedelta(seconds=2))
    with pytest.raises(Unauthenticated):
        actions.redeem_ticket(late)
    assert jobs.forget_tickets() == 2
    assert not Ticket.objects.exists()


def test_of_sockets_that_present_one_ticket_at_once_one_wins() -> None:
    ticket = actions.issue_ticket(make_user())
    start = threading.Barrier(6)
    won: list[Ticket] = []

    def redeem() -> None:
        start.wait()
        try:
            won.append(actions.redeem_ticket(ticket))
        except Unauthenticated:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=redeem) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_ticket_of_a_session_that_ended_is_worthless() -> None:
    user = make_user()
    session = signed_in(user)
    ticket = actions.issue_ticket(user, session=session.sid)
    actions.sign_out(user.pk, session.sid)
    with pytest.raises(Unauthenticated) as refused:
        actions.redeem_ticket(ticket)
    assert refused.value.slug == "session_revoked"


def test_signing_out_ends_one_session_and_names_it() -> None:
    user = make_user()
    here, there = signed_in(user), signed_in(user)
    actions.sign_out(user.pk, here.sid)
    assert not actions.live_sign_ins(user.pk, here.sid).exists()
    assert actions.live_sign_ins(user.pk, there.sid).exists()
    (event,) = told(user)
    assert (event.type, event.revokes) == ("session.ended", (f"session:{here.sid}",))
    assert json.loads(event.data) == {"session": here.sid}


def test_signing_out_everywhere_names_the_person_and_changes_the_stamp() -> None:
    user = make_user()
    session, before = signed_in(user), stamp_of(user)
    actions.sign_out_everywhere(user)
    assert not actions.live_sign_ins(user.pk, session.sid).exists()
    (event,) = told(user)
    assert (json.loads(event.data), event.revokes) == ({"session": None}, (str(user.pk),))
    assert stamps_of([str(user.pk)])[str(user.pk)] == stamp_of(user) != before


def test_a_deactivated_account_is_cut_and_has_no_stamp() -> None:
    user = make_user()
    session = signed_in(user)
    actions.deactivate(user)
    assert stamps_of([str(user.pk)]) == {}
    assert told(user)[-1].revokes == (str(user.pk),)
    assert not actions.live_sign_ins(user.pk, session.sid).exists()


def test_a_new_password_ends_the_other_sessions_only() -> None:
    user = make_user()
    user.set_password("old password 1")
    user.save()
    here, there = signed_in(user), signed_in(user)
    before = stamp_of(user)
    for new in ("a new password 2", "a newer password 3"):
        current = "old password 1" if new.endswith("2") else "a new password 2"
        actions.change_password(user, current=current, new=new, session=here.sid)
        user.refresh_from_db()
        assert user.check_password(new)
        # The socket of the session that goes on passes the next check of connected people.
        assert stamps_of([str(user.pk)])[str(user.pk)] == stamp_of(user) == before
    assert actions.live_sign_ins(user.pk, here.sid).exists()
    assert not actions.live_sign_ins(user.pk, there.sid).exists()
    first = told(user)[0]
    assert first.type == "password.changed" and f"session:{there.sid}" in first.revokes
    assert f"session:{here.sid}" not in first.revokes and str(user.pk) not in first.revokes


@pytest.mark.parametrize(("current", "new", "field"), [("wrong", "a new password 2", "current"), ("old", "123", "new")])
def test_a_password_is_not_changed_to_a_bad_one_or_by_a_stranger(current: str, new: str, field: str) -> None:
    user = make_user()
    user.set_password("old")
    user.save()
    with pytest.raises(Invalid) as refused:
        actions.change_password(user, current=current, new=new)
    assert {detail["field"] for detail in refused.value.details} == {field}


def test_sessions_that_are_over_are_forgotten() -> None:
    user = make_user()
    kept, over = signed_in(user), signed_in(user)
    SignIn.objects.filter(sid=over.sid).update(expires_at=F("expires_at") - 2 * DAY)
    assert jobs.forget_sign_ins() == 1
    assert SignIn.objects.get() == kept
