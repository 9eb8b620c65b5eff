"""The people of the matrix, their credentials, and what a target is in each one's eyes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from carillon.conversations import actions as talking
from carillon.conversations.models import Conversation, Message, Reaction, ReadMark
from carillon.notifications.actions import mark_all_read, notify
from carillon.notifications.buttons import Button, pressed
from carillon.people import actions, tokens
from carillon.people.keys import SCHEME
from carillon.people.models import SCOPES, ExternalId, ServiceKey
from carillon.realtime.models import IdempotencyKey, StagedEvent, StoredEvent, TopicHead
from carillon.realtime.topic import user_topic
from tests.contracts.access.rules import KEYS, OUTSIDE, PARTICIPANTS, SIGNED_IN
from tests.support.people import make_user

# In everything that belongs to the bystander, so that a leak can be seen.
MARK = "bystander"
NOBODY = 999_999_999
BUTTON = Button(name="ok", label="OK", command="access.ok")


@pressed(BUTTON.command)
def ok(user: Any, notification: Any, data: dict[str, Any]) -> None:
    """A button that does nothing else."""


@dataclass
class Someone:
    """A person with a password, notifications (the last of `ids` is the target), and the stamp of having marked all read."""

    user: Any
    password: str
    ids: list[str] = field(default_factory=list)
    stamp: str = ""


@dataclass
class Talk:
    """A conversation as a target, a message in it, and somebody who is in it."""

    conversation: int
    message: int
    person: str


class World:
    """Somebody for each actor, a bystander who takes no part, and colleagues who may be written to.

    The people who are named in `talks` have a conversation each, and so has the bystander then; `busy` has more
    notifications than one.
    """

    def __init__(self, talks: Iterable[str] = (), busy: str = "", notifications: int = 1) -> None:
        talks = list(talks)
        guests = PARTICIPANTS if talks else ()
        names = (*SIGNED_IN, *OUTSIDE[1:], *guests, "colleague", "friend", MARK)
        self.people = {name: _someone(name) for name in names}
        self.people["staff"].user.is_staff = True
        self.people["staff"].user.save()
        for name, someone in self.people.items():
            self._fill(name, someone, notifications if someone is self.people.get(busy) else 1)
        self.talks = {name: self._talk(name) for name in talks and [MARK, *talks]}
        self.people["suspended"].user.is_active = False
        self.people["suspended"].user.save()
        self.keys = {name: actions.create_key(name, "billing", SCOPES, rate_per_minute=100_000)[1] for name in KEYS}
        ServiceKey.objects.filter(name="unscoped").update(scopes=[])
        _map("billing", "known", self.people["colleague"].user)
        _map("crm", "theirs", self.bystander.user)
        self.ended = tokens.open_session(self.bystander.user)
        actions.sign_out_everywhere(self.bystander.user)

    @property
    def bystander(self) -> Someone:
        """Whose rows are the foreign target, and must stay as they are."""
        return self.people[MARK]

    def actor(self, name: str) -> Someone:
        """The person behind an actor; who is no person has the owner's things for their own."""
        return self.people.get(name, self.people["owner"])

    def credential(self, name: str) -> str:
        """An access token of a new session, or the service key; empty for nobody."""
        if name not in self.people:
            return self.keys.get(name, "")
        pair = tokens.open_session(self.people[name].user)
        return _expired(pair.access) if name == "expired" else pair.access

    def headers(self, name: str, token: str) -> dict[str, str]:
        """The headers that present a credential."""
        scheme = SCHEME if name in self.keys else "Bearer"
        return {"Authorization": f"{scheme} {token}"} if token else {}

    def words(self, name: str, target: str, token: str) -> dict[str, Any]:
        """What the words in braces mean for this actor and target; `token` is the actor's credential."""
        return self._words(name, target, token) | self._words_of_talks(name, target)

    def _words_of_talks(self, name: str, target: str) -> dict[str, Any]:
        if not self.talks:
            return {}
        mine = self.talks[name if name in self.talks else "owner"]
        talk = {"own": mine, "foreign": self.talks[MARK], "missing": Talk(NOBODY, NOBODY, str(NOBODY))}[target]
        # Whom anybody may write to; the bystander's own rows are to stay as they are.
        known = {"own": "friend", "foreign": "colleague"}.get(target, "")
        contact = str(self.people[known].user.pk) if known else str(NOBODY)
        return {"talk": talk.conversation, "message": talk.message, "person": talk.person, "contact": contact}

    def _words(self, name: str, target: str, token: str) -> dict[str, str]:
        me = self.actor(name)
        soon = (timezone.now() + dt.timedelta(hours=1)).isoformat()
        pair = tokens.open_session(me.user)
        if target == "own":
            return {
                "id": me.ids[-1],
                "name": me.user.username,
                "recipient": me.user.username,
                "password": me.password,
                "stamp": me.stamp,
                "refresh": pair.refresh if name in self.people else "",
                "token": token or pair.access,
                "external_id": "known",
                "topic": str(user_topic(me.user.pk)),
                "user": str(me.user.pk),
                "soon": soon,
            }
        if target == "foreign":
            them = self.bystander
            return {
                "id": them.ids[0],
                "name": them.user.username,
                # Allowed to be written to; the bystander's own rows are to stay as they are.
                "recipient": "colleague",
                "password": "not-the-password",
                "stamp": them.stamp,
                "refresh": self.ended.refresh,
                "token": _forged(them.user.pk),
                "external_id": "theirs",
                "topic": str(user_topic(them.user.pk)),
                "user": str(them.user.pk),
                "soon": soon,
            }
        return {
            "id": "f" * 12,
            "name": "nobody",
            "recipient": "nobody",
            "password": "not-the-password",
            "stamp": "1.1000000",
            "refresh": _refresh_of_no_session(self.bystander.user.pk),
            "token": _forged(NOBODY),
            "external_id": "of-nobody",
            "topic": str(user_topic(NOBODY)),
            "user": str(NOBODY),
            "soon": soon,
        }

    def _talk(self, name: str) -> Talk:
        """A conversation with a colleague, as the actor of this name is in it."""
        me, colleague = self.people[name].user, self.people["colleague"].user
        if name == "blocked":
            made = talking.open_direct(me, colleague)
            said = talking.send_message(me, made.pk, "Anybody there?").message.id
            talking.block(colleague, me)
            return Talk(made.pk, said, str(colleague.pk))
        host, guest = (colleague, me) if name in PARTICIPANTS else (me, colleague)
        suspended = self.people["suspended"].user
        made = talking.open_conversation(host, "group", [guest, suspended], title=f"Of {name}")
        said = talking.send_message(colleague if name == MARK else host, made.pk, f"{name} was here").message.id
        if name == MARK:
            # So that there is something to be read, should anybody else be let to.
            while talking.follow_up():
                continue
        if name == "former":
            talking.remove_member(host, made.pk, guest)
        return Talk(made.pk, said, str(suspended.pk))

    def _fill(self, name: str, someone: Someone, notifications: int) -> None:
        for number in range(notifications):
            title = f"{number} for {MARK if name == MARK else 'a person'}"
            someone.ids += [row.pk for row in notify([someone.user], title=title, buttons=[BUTTON]).notifications]
        someone.stamp = mark_all_read(someone.user.pk).stamp or ""


def holdings(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row of the database that is about a person, by table."""
    topic = str(user_topic(user.pk))
    found = {type(user).__name__: _rows(type(user), {"pk": user.pk})}
    for model in apps.get_models():
        for column in model._meta.fields:
            if column.related_model is type(user):
                found[f"{model.__name__}.{column.name}"] = _rows(model, {column.name: user})
    for table in (TopicHead, StoredEvent, StagedEvent):
        found[table.__name__] = _rows(table, {"topic": topic})
    found |= _talks_of(user)
    return found | {"IdempotencyKey": _rows(IdempotencyKey, {"principal": str(user.pk)})}


def _talks_of(user: Any) -> dict[str, list[dict[str, Any]]]:
    """What others must not change in the conversations that a person is in."""
    keys = list(Conversation.objects.of(user).values_list("pk", flat=True))
    topics = [f"conversation:{key}" for key in keys]
    return {
        "Conversation": _rows(Conversation, {"pk__in": keys}),
        "Messages": _rows(Message, {"conversation__in": keys}),
        "Marks": _rows(ReadMark, {"membership__conversation__in": keys}),
        "Reactions": _rows(Reaction, {"message__conversation__in": keys}),
        "Told": _rows(StoredEvent, {"topic__in": topics}),
    }


def filled(value: Any, words: Mapping[str, Any]) -> Any:
    """A body with the words in braces replaced."""
    if isinstance(value, str):
        if value[:1] == "{" and not isinstance(words.get(value[1:-1], ""), str):
            return words[value[1:-1]]
        return value.format_map(words) if "{" in value else value
    if isinstance(value, Mapping):
        return {key: filled(inner, words) for key, inner in value.items()}
    return [filled(inner, words) for inner in value] if isinstance(value, list) else value


def _someone(name: str) -> Someone:
    user = make_user(name)
    password = f"the-passphrase-of-{name}"
    user.set_password(password)
    user.save()
    return Someone(user, password)


def _map(namespace: str, external_id: str, user: Any) -> None:
    ExternalId.objects.create(namespace=namespace, external_id=external_id, user=user, created_at=timezone.now())


def _rows(model: type[Model], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = model._default_manager.filter(**wanted).values()
    return sorted(rows, key=str)


def _expired(access: str) -> str:
    token = AccessToken(access)  # type: ignore[arg-type]
    token.set_exp(lifetime=-dt.timedelta(hours=1))
    return str(token)


def _forged(person: Any) -> str:
    """A token that says it is of this person, signed by somebody else."""
    token = AccessToken()
    token["user_id"] = str(person)
    head, body, _ = str(token).split(".")
    return f"{head}.{body}.{'A' * 43}"


def _refresh_of_no_session(person: Any) -> str:
    token = RefreshToken()
    token["user_id"], token["sid"] = str(person), "si_none"
    return str(token)
