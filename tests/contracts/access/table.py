"""The table: one line for each operation of REST, by its id in OpenAPI, and for each command of the socket.

An operation that is missing here fails the build. Most lines are one of the classes of `rules`; `{id}`, `{name}` and the
other words in braces stand for what the target is (see `world.World.words`).
"""

from __future__ import annotations

from typing import Any

from tests.contracts.access.rules import (
    KEYS,
    Line,
    Rules,
    keys_only,
    on_socket,
    own_only,
    people,
    people_on_socket,
    personal,
    public,
    refused_outside,
    rules,
    staff_and_keys,
    talk,
    talk_on_socket,
)

_BATCH = {"ids": ["{id}"]}
_ABLE = {"member": "403 forbidden", "blocked": "409 conflict"}
_ABLE_ON_SOCKET = {"member": "forbidden", "blocked": "conflict"}
_FOUND = "who writes to people finds them first, and is told of one that nobody is"
_TALK = {"conversation": "{talk}"}
_MESSAGE = {**_TALK, "message": "{message}"}
_WITHOUT_SESSION = ("anonymous", *KEYS)
# A wrong name and a wrong password get the same answer (GUARANTEES S11); a disabled account is no different.
_PASSWORD = rules(
    ("200", "401 unauthenticated", "401 unauthenticated"),
    suspended="401 unauthenticated",
)


def _in_talk(rules: Rules, body: dict[str, Any] | None = None) -> Line:
    return Line(rules, body, path={"id": "talk"})


REST: dict[str, Line] = {
    # Notifications.
    "notifications": Line(own_only()),
    "notify": Line(
        staff_and_keys("201", "201", "400 invalid"),
        {"recipients": ["{recipient}"], "title": "Hello"},
        may_tell="who sends names the recipients, and is told of a name that nobody has",
    ),
    "inbox": Line(own_only()),
    "notification": Line(personal()),
    "delete_notification": Line(personal()),
    **{f"{name}_notification": Line(personal()) for name in ("read", "unread", "archive", "unarchive", "unsnooze")},
    "snooze_notification": Line(personal(), {"until": "{soon}"}),
    "press_notification": Line(personal(), {"action": "ok"}),
    "batch": Line(personal(), {"action": "archive", **_BATCH}),
    "seen": Line(own_only(), {"up_to": 9}),
    "read_all": Line(own_only(), {}),
    # A stamp only says which of one's own are meant.
    "restore_unread": Line(own_only(), {"stamp": "{stamp}"}),
    "clear_read": Line(own_only(), {}),
    # The same, at the addresses of the sources.
    **{f"{dialect}_{name}": Line(own_only()) for dialect in ("bell", "mentoring") for name in ("list", "unread_count")},
    **{f"{dialect}_read_all": Line(own_only()) for dialect in ("bell", "mentoring")},
    **{f"{dialect}_{name}": Line(personal()) for dialect in ("bell", "mentoring") for name in ("read", "unread")},
    **{f"mentoring_{name}": Line(personal()) for name in ("detail", "remove", "delete")},
    "mentoring_clear_read": Line(own_only()),
    # Conversations.
    "conversations": Line(own_only()),
    "open_conversation": Line(
        people("201", "201", "404 not_found", blocked="404 not_found"),
        {"kind": "group", "people": ["{contact}"], "title": "Together"},
        may_tell=_FOUND,
    ),
    "conversation": _in_talk(talk()),
    "update_conversation": _in_talk(talk(blocked="409 conflict"), {"title": "Renamed"}),
    "read_conversation": _in_talk(talk(), {}),
    "mute_conversation": _in_talk(talk(), {"until": "{soon}"}),
    "leave_conversation": _in_talk(talk(blocked="409 conflict")),
    "messages": _in_talk(talk()),
    "send_message": _in_talk(talk("201", blocked="403 forbidden"), {"content": "Hello"}),
    "message": _in_talk(talk()),
    "edit_message": _in_talk(talk(member="403 forbidden", blocked="403 forbidden"), {"content": "Hello again"}),
    "delete_message": _in_talk(talk(member="403 forbidden")),
    "react": _in_talk(talk(blocked="403 forbidden"), {"emoji": "\N{THUMBS UP SIGN}", "on": True}),
    "add_members": _in_talk(talk(blocked="409 conflict"), {"people": ["{contact}"]}),
    "set_role": _in_talk(talk(**_ABLE), {"role": "admin"}),
    "remove_member": _in_talk(talk(**_ABLE)),
    "people": Line(own_only(), may_tell="it shows everybody whom one may write to"),
    "blocked_people": Line(own_only()),
    "block_person": Line(people("200", "200", "404 not_found"), may_tell=_FOUND, path={"person": "contact"}),
    "unblock_person": Line(people("200", "200", "404 not_found"), may_tell=_FOUND, path={"person": "contact"}),
    # People.
    "me": Line(own_only()),
    "change_me": Line(own_only(), {"name": "Renamed"}),
    "ticket": Line(own_only("201")),
    "change_password": Line(personal("204", "400 invalid"), {"current": "{password}", "new": "a-long-new-passphrase"}),
    "logout": Line(own_only("204") | dict.fromkeys(_WITHOUT_SESSION, ("204", "204", "204"))),
    "logout_all": Line(own_only("204")),
    # People by the ids of a service: those of another service are as good as unknown, and free to be used.
    "mapped_person": Line(keys_only("200", "404 not_found", "404 not_found")),
    "put_mapped_person": Line(keys_only("200", "201", "201"), {"name": "Renamed"}),
    "unmap_person": Line(keys_only("204", "404 not_found", "404 not_found")),
    # Signing in: the credential is in the body or the cookie, and who asks makes no difference.
    "login": Line(_PASSWORD, {"username": "{name}", "password": "{password}"}),
    "token": Line(_PASSWORD, {"username": "{name}", "password": "{password}"}),
    "refresh": Line(
        rules(
            ("200", "401 session_revoked", "401 session_revoked"),
            suspended="401 session_revoked",
            **dict.fromkeys(_WITHOUT_SESSION, ("401 unauthenticated", "401 session_revoked", "401 session_revoked")),
        ),
        cookie=True,
    ),
    "token_refresh": Line(
        rules(
            ("200", "401 session_revoked", "401 session_revoked"),
            suspended="401 session_revoked",
            **dict.fromkeys(_WITHOUT_SESSION, ("400 invalid", "401 session_revoked", "401 session_revoked")),
        ),
        {"refresh": "{refresh}"},
    ),
    # Presence: whom one may not see is left out, and so is who does not exist.
    "presence": Line(own_only()),
    # The demonstration, where it is switched on.
    "demo_accounts": Line(public()),
    "demo_ring": Line(
        rules(("201", "201", "404 not_found"), **refused_outside()),
        {"username": "{recipient}", "title": "Ring"},
        may_tell="in the demonstration anybody who is signed in may ring anybody by name",
    ),
}

# Addresses that OpenAPI leaves out, by their route: why, and what they answer to GET. `None`: not ours to describe.
ELSEWHERE: dict[str, tuple[str, Line | None]] = {
    "admin/": ("Django's admin has its own sign-in and its own tests", None),
    "api/schema/": ("the document itself", Line(public())),
    "api/docs/": ("a page about the document", Line(public())),
    "api/v1/notifications/opt-out/{token}/": (
        "the page behind the link in e-mails: the signed link says whose it is, and test_email.py what it does",
        None,
    ),
    "healthz": ("for load balancers", Line(public())),
    "readyz": ("for load balancers", Line(public())),
    "metrics": ("for Prometheus; a proxy keeps it inside, as docs/howto/production.md says", Line(public())),
    "^api(?:/|$)": ("every other address under /api/ is told to be unknown", Line(public("404 not_found"))),
    "^(?!static/).*$": ("the page of the front end; it holds nobody's data", None),
}

# In this order, one after the other, with one conversation for each person.
SOCKET: dict[str, Line] = {
    "ping": Line(on_socket("reply", "reply", "reply"), {}),
    "subscribe": Line(on_socket(), {"topic": "{topic}"}),
    # Leaving a topic that one does not follow is no news to anybody.
    "unsubscribe": Line(on_socket("forbidden", "reply", "reply"), {"topic": "{topic}"}),
    "authenticate": Line(
        rules(
            ("reply", "token_invalid", "token_invalid"),
            anonymous=("reply", "4002 token_invalid", "4002 token_invalid"),
            suspended=("4000 session_revoked", "4002 token_invalid", "4002 token_invalid"),
            expired=("4002 token_expired", "4002 token_invalid", "4002 token_invalid"),
            **dict.fromkeys(KEYS, "4002 token_invalid"),
        ),
        {"token": "{token}"},
    ),
    **{
        f"notification.{name}": Line(on_socket(), _BATCH)
        for name in ("read", "unread", "archive", "unarchive", "unsnooze", "delete")
    },
    "notification.snooze": Line(on_socket(), {**_BATCH, "until": "{soon}"}),
    "notification.press": Line(on_socket(), {"id": "{id}", "action": "ok"}),
    "notification.seen": Line(on_socket("reply", "reply", "reply"), {"up_to": 9}),
    "notification.read_all": Line(on_socket("reply", "reply", "reply"), {}),
    "notification.restore_unread": Line(on_socket("reply", "reply", "reply"), {"stamp": "{stamp}"}),
    "notification.clear_read": Line(on_socket("reply", "reply", "reply"), {}),
    "message.send": Line(talk_on_socket(blocked="forbidden"), {**_TALK, "content": "Hello"}),
    "message.edit": Line(talk_on_socket(member="forbidden", blocked="forbidden"), {**_MESSAGE, "content": "Again"}),
    "message.react": Line(talk_on_socket(blocked="forbidden"), {**_MESSAGE, "emoji": "\N{THUMBS UP SIGN}", "on": True}),
    "message.delete": Line(talk_on_socket(member="forbidden"), _MESSAGE),
    "typing.set": Line(talk_on_socket(), {**_TALK, "is_typing": True}),
    "conversation.look": Line(talk_on_socket(), _TALK),
    "conversation.read": Line(talk_on_socket(), _TALK),
    "conversation.mute": Line(talk_on_socket(), {**_TALK, "until": "{soon}"}),
    "conversation.update": Line(talk_on_socket(blocked="conflict"), {**_TALK, "title": "Renamed"}),
    "member.add": Line(talk_on_socket(blocked="conflict"), {**_TALK, "people": ["{contact}"]}),
    "member.set_role": Line(talk_on_socket(**_ABLE_ON_SOCKET), {**_TALK, "person": "{person}", "role": "admin"}),
    "member.remove": Line(talk_on_socket(**_ABLE_ON_SOCKET), {**_TALK, "person": "{person}"}),
    "conversation.create": Line(
        people_on_socket(blocked="not_found"),
        {"kind": "group", "people": ["{contact}"], "title": "Together"},
        may_tell=_FOUND,
    ),
    "person.block": Line(people_on_socket(), {"person": "{contact}"}, may_tell=_FOUND),
    "person.unblock": Line(people_on_socket(), {"person": "{contact}"}, may_tell=_FOUND),
    "conversation.leave": Line(talk_on_socket(blocked="conflict"), _TALK),
    "presence.set": Line(
        on_socket("reply", "reply", "reply"),
        {"state": "online"},
        may_tell="it is of this connection, and names nobody",
    ),
    "presence.watch": Line(on_socket("reply", "reply", "reply"), {"people": ["{user}"]}),
}
