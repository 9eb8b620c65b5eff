"""Makes the demonstration's people, their notifications and their conversations; again it does nothing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from carillon.notifications.actions import mark_read, settle
from carillon.notifications.buttons import plain, worded
from carillon.notifications.models import Notification
from carillon.people.actions import update_profile
from carillon.server.demo.people import PEOPLE, SIGN_IN, DemoPerson
from carillon.server.demo.stories import STORIES
from carillon.server.demo.talking import talk_all


def seed() -> int:
    """Make who and what is missing; return how many accounts were made."""
    model = get_user_model()
    known = {user.get_username(): user for user in model._default_manager.all()}
    missing = [person for person in PEOPLE if person.username not in known]
    known |= {person.username: _make(person) for person in missing}
    for person in missing:
        if person.username in STORIES:
            _tell(known, person.username)
    talk_all(known)
    return len(missing)


def _make(person: DemoPerson) -> Any:
    # Only those who may sign in have a password, and only once: hashing one takes a good part of a second.
    user = get_user_model().objects.create_user(
        person.username,
        email=f"{person.username}@example.org",
        password=person.username if person.username in SIGN_IN else None,
        first_name=person.first_name,
        last_name=person.last_name,
        is_staff=person.is_superuser,
        is_superuser=person.is_superuser,
    )
    update_profile(user, display_name=person.name, role=person.role, language=person.language, time_zone="Europe/Paris")
    return user


def _tell(known: dict[str, Any], username: str) -> None:
    """Insert through the ORM, which knows when each happened; announcing them is Carillon's."""
    user, now = known[username], timezone.now()
    stories = STORIES[username]
    rows = [
        Notification(
            user=user,
            title=story.title,
            message=story.message,
            type=story.type,
            severity=story.severity,
            actor=known.get(story.actor),
            url=story.url,
            group_key=story.group_key,
            buttons=worded(plain(story.buttons), "fr"),
            created_at=now - story.ago,
        )
        for story in stories
    ]
    Notification.objects.bulk_create(rows)
    settle([user.pk])
    mark_read(user.pk, [row.pk for row, story in zip(rows, stories, strict=True) if story.is_read])
