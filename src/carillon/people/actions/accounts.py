"""Writes about accounts: profiles, sign-ins, tickets, passwords; what ends a session cuts its sockets."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, ExpressionWrapper, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from carillon.conf import settings
from carillon.errors import Detail, Invalid, Unauthenticated
from carillon.people import queries, stamps
from carillon.people.events import PasswordChanged, ProfileUpdated, SessionEnded
from carillon.people.models import Profile, SignIn, Ticket
from carillon.realtime.outbox import Publish, action, outbox
from carillon.realtime.topic import user_topic

# Ids of sessions tell by their prefix who keeps them: a SignIn row of ours, or Django's session engine.
SIGN_IN_PREFIX = "si_"
DJANGO_PREFIX = "dj_"
# Tabs that wake together present the same refresh token; whoever comes later than this is a thief (GUARANTEES S26).
REFRESH_GRACE = 10.0
CHANGEABLE = ("display_name", "role", "avatar_url", "language", "time_zone")


@action
def update_profile(user: Any, **changes: str) -> Profile:
    """Change some of CHANGEABLE and announce it; raises Invalid naming the field."""
    check_profile(changes)
    with outbox() as publish:
        profile, _ = Profile.objects.update_or_create(user_id=user.pk, defaults=changes)
        user.carillon_profile = profile
        preferences = queries.preferences_of(user)
        publish(
            user_topic(user.pk),
            ProfileUpdated(
                person=queries.person_of(user), language=preferences.language, time_zone=preferences.time_zone
            ),
        )
    return profile


@action
def issue_ticket(user: Any, *, session: str = "", session_expires_at: float | None = None) -> str:
    """A ticket that opens one socket within TICKET_SECONDS; it is shown once and kept only as a digest."""
    ticket = secrets.token_urlsafe(32)
    Ticket.objects.create(
        digest=_digest(ticket),
        user_id=user.pk,
        session=session,
        session_expires_at=session_expires_at,
        # By the database's clock: the process that redeems it may be on another host.
        expires_at=ExpressionWrapper(Now() + dt.timedelta(seconds=settings.TICKET_SECONDS), DateTimeField()),
    )
    return ticket


@action
def redeem_ticket(ticket: str) -> Ticket:
    """Use a ticket up; raises Unauthenticated when it is unknown, used, late or its session has ended."""
    digest = _digest(ticket)
    good = Ticket.objects.filter(digest=digest, used_at=None, expires_at__gt=Now())
    # One statement: of two sockets that present it at once, one wins.
    if not good.update(used_at=Now()):
        raise Unauthenticated("token_invalid", "The ticket is not valid.")
    redeemed = Ticket.objects.select_related("user__carillon_profile").get(digest=digest)
    if redeemed.session.startswith(SIGN_IN_PREFIX) and not live_sign_ins(redeemed.user_id, redeemed.session).exists():
        raise Unauthenticated("session_revoked", "You were signed out.")
    return redeemed


@action
def sign_in(user: Any, *, refresh_jti: str, lifetime: dt.timedelta, user_agent: str = "") -> SignIn:
    """Begin a session on one device."""
    now = timezone.now()
    return SignIn.objects.create(
        sid=SIGN_IN_PREFIX + secrets.token_hex(16),
        user_id=user.pk,
        refresh_jti=refresh_jti,
        created_at=now,
        last_seen=now,
        expires_at=now + lifetime,
        user_agent=user_agent[:200],
    )


def live_sign_ins(user_id: Any, sid: str) -> QuerySet[SignIn]:
    """The session of that id, if it is this user's and still good."""
    return SignIn.objects.filter(sid=sid, user_id=user_id, revoked_at=None)


@action
def rotate_refresh(sid: str, user_id: Any, *, old: str, new: str, lifetime: dt.timedelta) -> SignIn:
    """Replace the session's refresh token; return the session with the token id that is good now.

    A token replaced in the last REFRESH_GRACE seconds gets the present one; an older one was stolen or copied: the
    whole session ends and Unauthenticated `session_revoked` is raised.
    """
    now = timezone.now()
    seen = live_sign_ins(user_id, sid).first()
    if seen is None:
        raise Unauthenticated("session_revoked", "You were signed out.")
    fresh = [[jti, at] for jti, at in seen.rotated if at > now.timestamp() - REFRESH_GRACE]
    turned = (
        live_sign_ins(user_id, sid)
        .filter(refresh_jti=old)
        .update(refresh_jti=new, rotated=[*fresh, [old, now.timestamp()]], last_seen=now, expires_at=now + lifetime)
    )
    if turned:
        return SignIn.objects.get(sid=sid)
    present = SignIn.objects.get(sid=sid)
    if old in [jti for jti, at in present.rotated if at > now.timestamp() - REFRESH_GRACE]:
        return present
    sign_out(user_id, sid)
    raise Unauthenticated("session_revoked", "This session was used twice and has been ended.")


@action
def sign_out(user_id: Any, sid: str) -> None:
    """End one session, whoever keeps it; its sockets are closed."""
    with outbox() as publish:
        SignIn.objects.filter(sid=sid, user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
        publish(user_topic(user_id), SessionEnded(session=sid), revokes=[f"session:{sid}"])


def end_sign_in(sid: str, user_key: str) -> None:
    """End the session that a refresh token names, if it is that user's and has not ended."""
    session = SignIn.objects.filter(sid=sid, revoked_at=None).first()
    if session is not None and str(session.user_id) == user_key:
        sign_out(session.user_id, sid)


@action
def sign_out_everywhere(user: Any) -> None:
    """End every session of a person; all their sockets are closed."""
    with outbox() as publish:
        _end_all(publish, user)


@action
def deactivate(user: Any) -> None:
    """Disable an account and end every session of it."""
    with outbox() as publish:
        user.is_active = False
        user.save(update_fields=["is_active"])
        _end_all(publish, user)


@action
def change_password(user: Any, *, current: str, new: str, session: str = "") -> None:
    """Change one's own password; every other session ends, `session` goes on. Raises Invalid naming the field."""
    if not check_password(current, user.password):
        raise _refused("current", "This is not your password.")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Invalid("invalid", "Choose another password.", details=details_of("new", error)) from None
    profile, old = queries.profile_of(user), stamps.password_digest(user)
    base = profile.stamp if profile.stamp and profile.stamp_of == old else old
    user.set_password(new)
    with outbox() as publish:
        user.save(update_fields=["password"])
        # The stamp stays, or the sweep would cut the session that goes on; those to cut are named instead.
        kept = {"stamp": base, "stamp_of": stamps.password_digest(user)}
        user.carillon_profile, _ = Profile.objects.update_or_create(user_id=user.pk, defaults=kept)
        others = SignIn.objects.filter(user_id=user.pk, revoked_at=None).exclude(sid=session)
        ended = [f"session:{sid}" for sid in others.values_list("sid", flat=True)]
        others.update(revoked_at=timezone.now())
        _use_up_tickets(user, but=session)
        # Sessions that we keep no row of are named by the password they were opened under.
        publish(user_topic(user.pk), PasswordChanged(), revokes=[*ended, f"password:{old}"])


@action
def forget_tickets(limit: int = 1000) -> int:
    """Drop tickets that can no longer be used; return how many."""
    return _delete(Ticket.objects.filter(expires_at__lt=Now()), limit)


@action
def forget_sign_ins(limit: int = 1000) -> int:
    """Drop sessions whose refresh token has expired; return how many."""
    return _delete(SignIn.objects.filter(expires_at__lt=Now()), limit)


def _delete(rows: QuerySet[Any], limit: int) -> int:
    keys = list(rows.values_list("pk", flat=True)[:limit])
    return rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0


def _end_all(publish: Publish, user: Any) -> None:
    now = timezone.now()
    user.carillon_profile, _ = Profile.objects.update_or_create(user_id=user.pk, defaults={"signed_out_at": now})
    SignIn.objects.filter(user_id=user.pk, revoked_at=None).update(revoked_at=now)
    _use_up_tickets(user)
    publish(user_topic(user.pk), SessionEnded(session=None), revokes=[str(user.pk)])


def _use_up_tickets(user: Any, but: str = "") -> None:
    """Those bought with a session of ours end with it; those bought with anything else would outlive what bought them."""
    unused = Ticket.objects.filter(user_id=user.pk, used_at=None)
    (unused.exclude(session=but) if but else unused).update(used_at=Now())


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def check_profile(changes: Mapping[str, str]) -> None:
    """Raise Invalid naming each of CHANGEABLE that cannot be stored."""
    wrong: list[Detail] = []
    columns: dict[str, Any] = {column.name: column for column in Profile._meta.fields}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise TypeError(f"a profile has no {name!r} to change")
        try:
            columns[name].clean(value, None)
        except ValidationError as error:
            wrong += details_of(name, error)
    if (language := changes.get("language")) and language not in settings.LANGUAGES:
        wrong.append({"field": "language", "message": f"One of {', '.join(settings.LANGUAGES)} expected."})
    if (zone := changes.get("time_zone")) and zone not in available_timezones():
        wrong.append({"field": "time_zone", "message": "A name such as Europe/Paris expected."})
    if wrong:
        raise Invalid("invalid", "Some fields are not acceptable.", details=wrong)


def details_of(field: str, error: ValidationError) -> list[Detail]:
    """What Django found wrong with one field."""
    return [{"field": field, "message": message} for message in error.messages]


def _refused(field: str, message: str) -> Invalid:
    return Invalid("invalid", message, details=[{"field": field, "message": message}])
