"""notify(): one notification for one person or many; above a bound the rows come by a background fan-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async

from carillon.conf import settings
from carillon.errors import CarillonError, NotFound
from carillon.notifications.actions.delivering import Notified, Parcel, deliver_each
from carillon.notifications.actions.fanout import hand_over
from carillon.notifications.actions.recipients import key_text, keys_of_recipients
from carillon.notifications.buttons import Button
from carillon.notifications.content import Content, as_json, described
from carillon.notifications.signals import is_heard, send_created
from carillon.people.queries import languages_of
from carillon.realtime.hot import hot
from carillon.realtime.idempotency import Once, do_once, earlier_answer
from carillon.realtime.outbox import Publish


@dataclass(frozen=True)
class Order:
    """A notification that can be sent, and the keys of the people it is for."""

    keys: list[Any]
    content: Content

    @property
    def is_fanout(self) -> bool:
        """Whether these are too many for one transaction."""
        return len(self.keys) > settings.FANOUT_ABOVE


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
    outlets: Sequence[str] | None = None,
) -> Notified:
    """Notify people, by a registered `kind` with its `params`, or by a `title` and `message`.

    `recipients`: a user or their key, several of them, a queryset of users or of keys, or an audience of
    `carillon.people.audiences`; who is among them is decided now, repeats count once. Stored and announced in one
    transaction, or staged in the host's and announced right after its commit. A `dedupe_key` notifies each person
    once; `buttons` are offered instead of those of the kind, and `outlets` are how it leaves instead of how its kind does,
    () for not at all. Above CARILLON["FANOUT_ABOVE"] recipients it returns a `fanout_id`. Raises Invalid for words, links,
    buttons or outlets that there cannot be and for what is no user, NotFound for a recipient that does not exist,
    Unavailable `busy`.
    """
    return send(
        order_of(
            recipients,
            kind,
            params,
            title=title,
            message=message,
            type=type,
            severity=severity,
            url=url,
            icon=icon,
            actor=actor,
            data=data,
            message_id=message_id,
            group_key=group_key,
            dedupe_key=dedupe_key,
            buttons=buttons,
            outlets=outlets,
        )
    )


def order_of(  # noqa: PLR0913 - those of notify()
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
    outlets: Sequence[str] | None = None,
) -> Order:
    """The order that these arguments of notify() give; raises Invalid as it does."""
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
        outlets=None if outlets is None else list(outlets),
    )
    content.check()
    return Order(keys_of_recipients(recipients), content)


def send(order: Order) -> Notified:
    """Carry out an order; raises NotFound and Unavailable as notify() does."""
    return hand_over(order.keys, order.content) if order.is_fanout else notify_each(order)


def send_once(once: Once, make: Callable[[], Order], answer: Callable[[Notified], bytes]) -> tuple[bytes, bool]:
    """Carry out the order that `make` gives, once for each key; returns the answer, and whether it is an old one.

    Raises what `make` raises where nothing was done under this key, else as `send` and `run_once` do.
    """
    try:
        order = make()
    except CarillonError:
        # Whoever was named then may be gone by now.
        old = earlier_answer(once)
        if old is None:
            raise
        return old, True
    if order.is_fanout:
        return do_once(once, lambda: partial(answer, hand_over(order.keys, order.content)))
    return notify_each.once(once, order, answer)


async def anotify(recipients: Any, kind: str = "", params: Mapping[str, Any] | None = None, **options: Any) -> Notified:
    """notify() for async code."""
    return await sync_to_async(notify)(recipients, kind, params, **options)


def _tell_hosts(notified: Notified) -> None:
    send_created(notified.notifications)


@hot(limit=100, weight=lambda order: max(1, len(order.keys)), after=_tell_hosts, is_heard=is_heard)
def notify_each(publish: Publish, orders: Sequence[Order]) -> list[Notified | CarillonError]:
    """Notify the people of each order; refuses with NotFound those that name somebody who does not exist."""
    languages = languages_of({key for order in orders for key in order.keys})
    missing = [[str(key) for key in order.keys if key not in languages] for order in orders]
    parcels = [
        Parcel({key: languages[key] for key in order.keys}, order.content)
        for order, unknown in zip(orders, missing, strict=True)
        if not unknown
    ]
    done = iter(deliver_each(publish, parcels))
    return [
        NotFound("not_found", f"There is no user with key {', '.join(unknown)}.") if unknown else next(done)
        for unknown in missing
    ]
