"""What a socket client may ask of notifications; each command calls one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

from carillon.notifications import actions
from carillon.notifications.requests import Changed, Press, Stamp, These, Until, UpTo, UpToOrAll, changed
from carillon.realtime.command import Caller, command


def user_key(caller: Caller) -> Any:
    """The caller's key as the user model has it."""
    return get_user_model()._meta.pk.to_python(caller.person)


@command("notification.read", params=These, reply=Changed)
def read(caller: Caller, params: These) -> Callable[[], Changed]:
    """Mark some read."""
    return changed(actions.mark_read(user_key(caller), params.ids))


@command("notification.unread", params=These, reply=Changed)
def unread(caller: Caller, params: These) -> Callable[[], Changed]:
    """Mark some unread."""
    return changed(actions.mark_unread(user_key(caller), params.ids))


@command("notification.seen", params=UpTo, reply=Changed)
def seen(caller: Caller, params: UpTo) -> Callable[[], Changed]:
    """Mark everything up to a number as seen."""
    return changed(actions.mark_seen(user_key(caller), params.up_to))


@command("notification.read_all", params=UpToOrAll, reply=Changed)
def read_all(caller: Caller, params: UpToOrAll) -> Callable[[], Changed]:
    """Mark the inbox read; the stamp undoes it."""
    return changed(actions.mark_all_read(user_key(caller), params.up_to))


@command("notification.restore_unread", params=Stamp, reply=Changed)
def restore_unread(caller: Caller, params: Stamp) -> Callable[[], Changed]:
    """Undo a mark-all-read."""
    return changed(actions.restore_unread(user_key(caller), params.stamp))


@command("notification.archive", params=These, reply=Changed)
def archive(caller: Caller, params: These) -> Callable[[], Changed]:
    """Put some away."""
    return changed(actions.archive(user_key(caller), params.ids))


@command("notification.unarchive", params=These, reply=Changed)
def unarchive(caller: Caller, params: These) -> Callable[[], Changed]:
    """Bring some back from the archive."""
    return changed(actions.unarchive(user_key(caller), params.ids))


@command("notification.snooze", params=Until, reply=Changed)
def snooze(caller: Caller, params: Until) -> Callable[[], Changed]:
    """Take some away until a time."""
    return changed(actions.snooze(user_key(caller), params.ids, params.until))


@command("notification.unsnooze", params=These, reply=Changed)
def unsnooze(caller: Caller, params: These) -> Callable[[], Changed]:
    """Bring snoozed ones back now."""
    return changed(actions.unsnooze(user_key(caller), params.ids))


@command("notification.delete", params=These, reply=Changed)
def delete(caller: Caller, params: These) -> Callable[[], Changed]:
    """Delete some for good."""
    return changed(actions.delete(user_key(caller), params.ids))


@command("notification.clear_read", params=UpToOrAll, reply=Changed)
def clear_read(caller: Caller, params: UpToOrAll) -> Callable[[], Changed]:
    """Delete what is read."""
    return changed(actions.clear_read(user_key(caller), params.up_to))


# Not a write that is kept by its key: the row itself tells that it was pressed, and the host's function, which may take
# its time, must not run inside a transaction that holds locks of ours.
@command("notification.press", params=Press, reply=Changed, is_write=False)
def press(caller: Caller, params: Press) -> Callable[[], Changed]:
    """Press a button; pressed already, here or elsewhere, the answer tells how."""
    return changed(actions.press(user_key(caller), params.id, params.action))
