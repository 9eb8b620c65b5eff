"""notify(): one notification for one person or many; above a bound the rows come by a background fan-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async

from carillon.conf import settings
from carillon.errors import NotFound
from carillon.notifications.actions.delivering import Notified, deliver
from carillon.notifications.actions.fanout import hand_over
from carillon.notifications.actions.recipients import key_text, keys_of_recipients
from carillon.notifications.buttons import Button
from carillon.notifications.content import Content, as_json, described
from carillon.people.queries import languages_of
from carillon.realtime.outbox import action, outbox


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
    buttons: Sequence[Button] | None = None,
) -> Notified:
    """Notify people, by a registered `kind` with its `params`, or by a `title` and `message`.

    `recipients`: a user or their key, several of them, a queryset of users or of keys, or an audience of
    `carillon.people.audiences`; who is among them is decided now, repeats count once. Stored and announced in one
    transaction, or staged in the host's and announced right after its commit. A `dedupe_key` notifies each person
    once; `buttons` are offered instead of those of the kind. Above CARILLON["FANOUT_ABOVE"] recipients it returns a
    `fanout_id`. Raises Invalid for words, links or buttons that cannot be stored and for what is no user, NotFound for
    a recipient that does not exist, Unavailable `busy`.
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
        actor=key_text(actor),
        data=as_json("data", data or {}),
        message_id=str(message_id),
        group_key=group_key,
        dedupe_key=dedupe_key,
        buttons=None if buttons is None else described(buttons),
    )
    content.check()
    keys = keys_of_recipients(recipients)
    return hand_over(keys, content) if len(keys) > settings.FANOUT_ABOVE else _notify_now(keys, content)


async def anotify(recipients: Any, kind: str = "", params: Mapping[str, Any] | None = None, **options: Any) -> Notified:
    """notify() for async code."""
    return await sync_to_async(notify)(recipients, kind, params, **options)


@action
def _notify_now(keys: list[Any], content: Content) -> Notified:
    languages = languages_of(keys)
    missing = [str(key) for key in keys if key not in languages]
    if missing:
        raise NotFound("not_found", f"There is no user with key {', '.join(missing)}.")
    with outbox() as publish:
        return deliver(publish, {key: languages[key] for key in keys}, content)
