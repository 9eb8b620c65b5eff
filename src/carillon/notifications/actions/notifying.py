"""notify(): one notification for one person or many; above a bound the rows come by a background fan-out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone

from carillon.conf import settings
from carillon.errors import Invalid, NotFound
from carillon.jobs.wake import wake
from carillon.notifications.actions.brake import hold_back
from carillon.notifications.actions.ledger import Ledger
from carillon.notifications.actions.settling import settle
from carillon.notifications.content import Content, as_json
from carillon.notifications.models import Fanout, Notification
from carillon.people.queries import preferences_of, users
from carillon.realtime.event import Position
from carillon.realtime.outbox import Publish, Published, action, outbox

BATCH = 500


@dataclass
class Notified:
    """What notify() did: the rows it stored, or the id of the fan-out that will; `held` counts what the brake kept back."""

    notifications: list[Notification] = field(default_factory=list)
    fanout_id: uuid.UUID | None = None
    held: int = 0
    published: Published | None = None

    @property
    def position(self) -> Position | None:
        """Where the last of the events stands; None inside a host's transaction and for a fan-out."""
        return self.published.position if self.published else None


def notify(  # noqa: PLR0913 - one argument for each thing a notification says
    recipients: Any,
    kind: str = "",
    params: Mapping[str, Any] | None = None,
    *,
    title: str = "",
    message: str = "",
    type: str = "",
    severity: str = "",
    url: str = "",
    icon: str = "",
    actor: Any = None,
    data: Mapping[str, Any] | None = None,
    message_id: object = "",
    group_key: str = "",
    dedupe_key: str | None = None,
) -> Notified:
    """Notify one user or many (users or their keys), by a registered `kind` with its `params`, or by a `title` and `message`.

    Stored and announced in one transaction, or staged in the host's and announced right after its commit. A
    `dedupe_key` notifies each person once. Above CARILLON["FANOUT_ABOVE"] recipients it returns a `fanout_id`. Raises
    Invalid for words or links that cannot be stored, NotFound for a recipient that does not exist, Unavailable `busy`.
    """
    content = Content(
        kind=kind,
        params=as_json("params", params or {}),
        # Both may be lazy translations.
        title=str(title),
        message=str(message),
        type=type,
        severity=severity,
        url=url,
        icon=icon,
        actor=_key_text(actor),
        data=as_json("data", data or {}),
        message_id=str(message_id),
        group_key=group_key,
        dedupe_key=dedupe_key,
    )
    content.check()
    keys = _keys(recipients)
    if len(keys) > settings.FANOUT_ABOVE:
        return _hand_over(keys, content)
    return _notify_now(keys, content)


async def anotify(recipients: Any, kind: str = "", params: Mapping[str, Any] | None = None, **options: Any) -> Notified:
    """notify() for async code."""
    return await sync_to_async(notify)(recipients, kind, params, **options)


@action
def _notify_now(keys: list[Any], content: Content) -> Notified:
    languages = _languages(keys)
    missing = sorted(str(key) for key in keys if key not in languages)
    if missing:
        raise NotFound("not_found", f"There is no user with key {', '.join(missing)}.")
    with outbox() as publish:
        return _deliver(publish, languages, content, source=None)


@action
def _hand_over(keys: list[Any], content: Content) -> Notified:
    with outbox() as publish:
        fanout = Fanout.objects.create(recipients=sorted(map(str, keys)), content=content.as_dict())
        publish.after_commit(lambda: wake("notifications.fanout"))
    return Notified(fanout_id=fanout.pk)


@action
def expand_fanouts(batch: int = BATCH) -> int:
    """Store and announce the next batch of the oldest open fan-out; returns how many recipients it passed."""
    with outbox() as publish:
        fanout = (
            Fanout.objects.filter(finished_at=None).select_for_update(skip_locked=True).order_by("created_at").first()
        )
        if fanout is None:
            return 0
        part = fanout.recipients[fanout.done : fanout.done + batch]
        _deliver(publish, _languages(part), Content(**fanout.content), source=fanout.pk)
        fanout.done += len(part)
        if fanout.done >= len(fanout.recipients):
            fanout.finished_at = timezone.now()
        fanout.save(update_fields=["done", "finished_at"])
    return len(part)


def _languages(keys: Iterable[Any]) -> dict[Any, str]:
    """The language of each of these people who exists, in the order of their keys; one query."""
    return {user.pk: preferences_of(user).language for user in sorted(users(keys), key=lambda user: str(user.pk))}


def _deliver(publish: Publish, languages: Mapping[Any, str], content: Content, source: uuid.UUID | None) -> Notified:
    """Insert the rows; announced here in a transaction of ours, right after the commit in one of the host's."""
    ledger = None if publish.is_hosted else Ledger(publish, languages)
    if ledger is not None:
        ledger.settle()
    let_through = hold_back(publish, list(languages), content.kind)
    rows = _rows({key: languages[key] for key in let_through}, content, source)
    if ledger is not None:
        now = timezone.now()
        for row in rows:
            ledger.prepare(row, now)
    stored = _insert(rows, may_conflict=source is not None or content.dedupe_key is not None)
    if ledger is not None:
        ledger.announce(stored, is_inserted_now=True)
        ledger.close()
    elif stored:
        people = [row.user_id for row in stored]
        publish.after_commit(lambda: settle(people))
    return Notified(notifications=stored, held=len(languages) - len(let_through), published=publish.last)


def _rows(languages: Mapping[Any, str], content: Content, source: uuid.UUID | None) -> list[Notification]:
    texts = {language: content.rendered(language) for language in set(languages.values())}
    actor = get_user_model()._meta.pk.to_python(content.actor) if content.actor else None
    return [
        Notification(user_id=key, actor_id=actor, source=source, **texts[language])
        for key, language in languages.items()
    ]


def _insert(rows: list[Notification], *, may_conflict: bool) -> list[Notification]:
    """Store the rows; those whose person already has one under the same key are left out."""
    Notification.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=may_conflict)
    if not may_conflict:
        return rows
    stored = set(Notification.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in stored]


def _keys(recipients: Any) -> list[Any]:
    """The distinct keys of users, of one user, key, or an iterable of either."""
    # `request.user` is a lazy object, which looks iterable whatever is behind it.
    is_one = isinstance(recipients, Model | str | bytes) or not isinstance(recipients, Iterable)
    several = [recipients] if is_one else recipients
    to_python = get_user_model()._meta.pk.to_python
    try:
        keys = {to_python(item.pk if isinstance(item, Model) else item) for item in several}
    except Exception as error:
        raise Invalid("invalid", f"A recipient is neither a user nor the key of one: {error}") from error
    if None in keys:
        raise Invalid("invalid", "A recipient has no key; is it saved?")
    return sorted(keys, key=str)


def _key_text(user: Any) -> str:
    if user is None:
        return ""
    return str(user.pk if isinstance(user, Model) else user)
