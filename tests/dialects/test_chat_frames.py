"""What sources 002 and 004 cannot say, what they are told of odd people and messages, and ids as they count them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from django.test import override_settings

from carillon.dialects.dating.frames import ConversationDialect, NotificationsDialect
from carillon.dialects.dating.routes import ROUTES
from carillon.dialects.rooms.frames import RoomsDialect
from carillon.errors import CarillonError, Invalid
from carillon.realtime.dialect import Encoded, frames_of, short_id
from carillon.realtime.event import Event
from carillon.realtime.routing import address_of
from carillon.realtime.topic import Topic
from tests.support.covers import covers

AT = dt.datetime(2026, 11, 21, 10, 30, 5, 120_000, tzinfo=dt.UTC)
SOPHIE = {"id": "789", "name": "Sophie Martin", "role": "", "avatar": "/media/sophie.jpg", "username": "sophie"}
MESSAGE = {"id": 456, "conversation": 7, "kind": "text", "content": "Salut", "sender": SOPHIE, "created_at": AT}
ROOMS, TALK, NOTICES = RoomsDialect(), ConversationDialect(), NotificationsDialect()


def event(type: str, data: Any) -> Event:
    return Event(topic=Topic("conversation", "7"), type=type, data=msgspec.json.encode(data), at=AT)


def said(encoded: Encoded) -> list[Any]:
    return [json.loads(frame) for frame in frames_of(encoded)]


@covers("002-26", "004-39")
@pytest.mark.parametrize(
    ("id", "expected"),
    [("123", 123), ("0", 0), ("007", "007"), ("9" * 16, "9" * 16), ("٣", "٣"), ("", ""), ("0b1c-44", "0b1c-44")],
)
def test_an_id_is_an_integer_where_it_is_one(id: str, expected: Any) -> None:
    assert short_id(id) == expected
    person = {**SOPHIE, "id": id}
    (typing,) = said(TALK.encode_event(event("typing.changed", {"person": person, "is_typing": True})))
    assert typing == {"type": "typing", "user_id": expected, "username": "sophie", "is_typing": True}


@covers("004-15")
@pytest.mark.parametrize(
    ("public_url", "avatar", "picture"),
    [
        ("http://example.com", "/media/sophie.jpg", "http://example.com/media/sophie.jpg"),
        ("http://example.com", "https://cdn.example.org/s.jpg", "https://cdn.example.org/s.jpg"),
        ("", "/media/sophie.jpg", "/media/sophie.jpg"),
        ("http://example.com", "", None),
    ],
)
def test_pictures_have_the_address_of_the_server(public_url: str, avatar: str, picture: str | None) -> None:
    with override_settings(CARILLON={"PUBLIC_URL": public_url}):
        message = {**MESSAGE, "sender": {**SOPHIE, "avatar": avatar}}
        (frame,) = said(TALK.encode_event(event("message.sent", {"message": message})))
    assert frame["message"]["sender_profile_picture"] == picture


def test_who_signs_in_by_email_and_who_is_gone_are_named_as_well_as_can_be() -> None:
    nameless = {**MESSAGE, "sender": {**SOPHIE, "username": ""}}
    (frame,) = said(TALK.encode_event(event("message.sent", {"message": nameless})))
    assert frame["message"]["sender_username"] == "Sophie Martin"
    gone = event("message.sent", {"message": {**MESSAGE, "sender": None}})
    told = said(TALK.encode_event(gone))[0]["message"]
    assert [told[f"sender_{key}"] for key in ("id", "username", "profile_picture")] == [None, None, None]
    assert said(ROOMS.encode_event(gone))[0]["data"] == {
        "id": 456,
        "content": "Salut",
        "sender": None,
        "chat": 7,
        "created_at": "2026-11-21T10:30:05.120000Z",
        "sender_info": None,
    }


@pytest.mark.parametrize("dialect", [ROOMS, TALK])
def test_what_the_documents_have_no_word_for_is_not_said(dialect: RoomsDialect | ConversationDialect) -> None:
    line = {**MESSAGE, "kind": "system", "content": ""}
    for type, data in (
        ("message.sent", {"message": line}),
        ("message.edited", {"message": MESSAGE}),
        ("message.deleted", {"message": MESSAGE}),
        ("message.reacted", {"message": MESSAGE}),
        ("member.joined", {}),
        ("conversation.touched", {}),
    ):
        assert said(dialect.encode_event(event(type, data))) == []
    assert said(TALK.encode_event(event("conversation.read", {"face": SOPHIE, "at": AT, "message": None}))) == []


@covers("002-17", "004-18")
def test_one_event_of_several_people_is_a_frame_for_each() -> None:
    people = [
        {"id": "1", "state": "online", "last_seen": None, "username": "un"},
        {"id": "2", "state": "offline", "last_seen": AT, "username": "deux"},
    ]
    told = event("presence.changed", {"people": people})
    assert [frame["data"]["last_seen"] for frame in said(ROOMS.encode_event(told))] == [
        None,
        "2026-11-21T10:30:05.120000Z",
    ]
    assert [(frame["username"], frame["status"]) for frame in said(TALK.encode_event(told))] == [
        ("un", "online"),
        ("deux", "offline"),
    ]


@covers("004-20", "004-23")
@pytest.mark.parametrize("data", [{}, {"message": "text"}, {"message": {"id": "x"}}])
def test_what_a_host_calls_new_message_and_is_none_is_said_as_source_000_says_it(data: Any) -> None:
    notification = {
        "id": "aaaaaaaaaaaa",
        "type": "message",
        "kind": "new_message",
        "title": "Bonjour",
        "message": "?",
        "is_read": False,
        "created_at": "2026-11-21T10:30:05Z",
        "data": data,
    }
    (frame,) = said(
        NOTICES.encode_event(event("notification.created", {"notification": notification, "inbox": {"unread": 3}}))
    )
    assert frame["unread_count"] == 3
    assert frame["notification"] == {
        key: notification[key] for key in ("id", "type", "title", "message", "is_read", "created_at")
    }


@pytest.mark.parametrize(
    ("frame", "slug"),
    [
        ({"type": "join_room", "room_id": 1, "data": {"room_id": 2}}, "invalid"),
        ({"type": "join_room", "room_id": True}, "invalid"),
        ({"type": "message", "room_id": 1, "user_id": 1, "data": {"user_id": 2}}, "invalid"),
        ({"type": "message", "room_id": 1, "data": []}, "invalid"),
        ({"type": 5}, "invalid"),
        ({}, "invalid"),
        ([], "malformed"),
    ],
)
def test_frames_without_sense_are_refused(frame: Any, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        ROOMS.decode(json.dumps(frame))
    assert refused.value.slug == slug


def test_a_room_may_be_named_at_either_level_and_as_text() -> None:
    for frame in (
        {"room_id": 7},
        {"data": {"room_id": 7}},
        {"room_id": "7", "data": {"room_id": 7}},
    ):
        assert ROOMS.decode(json.dumps({"type": "join_room", **frame})).data == {"topic": "conversation:7"}


@pytest.mark.parametrize(("given", "key"), [("a1", "a1"), (7, "7"), ("", None), (None, None)])
def test_a_message_may_have_a_key_of_the_clients_at_either_level(given: Any, key: str | None) -> None:
    frame = {"type": "message", "room_id": 7, "data": {"content": "?", "client_id": given}}
    said = ROOMS.decode(json.dumps(frame))
    assert (said.client_id, said.ref, said.person) == (key, key, None)
    if not isinstance(given, int):
        assert TALK.decode(json.dumps({"type": "message", "content": "?", "client_id": given})).client_id == key


def test_following_rooms_means_to_look_at_all_of_them_and_to_watch_who_is_there() -> None:
    topics = [Topic("user", "1"), *(Topic("conversation", str(number)) for number in range(1, 111))]
    watch, look = ROOMS.attends(topics)
    assert watch.data == {"people": [], "conversations": list(range(91, 111))}
    assert look.data == {"conversation": None, "others": list(range(11, 111))}
    assert ROOMS.attends(topics[:1])[1].data == {"conversation": None, "others": []}


@covers("002-21", "002-24")
@pytest.mark.parametrize(
    ("group", "message", "stored"),
    [
        ("chat_7", {"type": "send_message", "message": {"id": 5}}, "5"),
        ("chat_7", {"type": "send.message", "message": "text"}, ""),
        ("chat_7", {"type": "send_message"}, None),
        ("chat_7", {"type": "other", "message": {}}, None),
        ("chat_x", {"type": "send_message", "message": {}}, None),
        ("notifications_7", {"type": "send_message", "message": {}}, None),
    ],
)
def test_only_the_documents_own_messages_to_groups_are_claimed(group: str, message: Any, stored: str | None) -> None:
    claim = ROOMS.from_group(group, message)
    assert (claim.stored if claim else None) == stored
    if claim is not None:
        assert claim.topic == Topic("conversation", "7")
        assert json.loads(claim.frame)["data"] == message["message"]


@covers("004-07")
@pytest.mark.parametrize(
    ("id", "conversation"), [("7", 7), ("007", 7), ("x", None), ("-1", None), ("7%20", None), ("9" * 19, None)]
)
def test_the_address_names_the_conversation(id: str, conversation: int | None) -> None:
    scope = {"path": f"/ws/conversations/{id}/", "query_string": b"token=x", "subprotocols": [], "headers": []}
    address = address_of(ROUTES, scope)
    assert address.opening.data == ({} if conversation is None else {"conversation": conversation})
    assert (address.fault is None) is (conversation is not None)
    if isinstance(address.fault, CarillonError):
        assert TALK.close_code(address.fault) == 4001
