"""The judge of an interleaving: nobody was shown what was not for them, and nobody was left out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from carillon.conversations import queries
from tests.e2e.talk.devices import Device, Stay
from tests.e2e.talk.spans import History, ask, log_of

_PRESENT = (
    "SELECT user_id FROM carillon_conversations_membership WHERE conversation_id = %s AND left_at IS NULL ORDER BY id"
)
_MESSAGES = "SELECT seq, content FROM carillon_conversations_message WHERE conversation_id = %s ORDER BY seq"
_STATE = "SELECT last_seq, member_count, version, is_due FROM carillon_conversations_conversation WHERE id = %s"


def judged(conversation: int, devices: Sequence[Device], *, is_room: bool) -> list[str]:
    """What is wrong with what these devices were shown; runs in a thread with a database."""
    history = History.of(conversation, is_room=is_room)
    present = {str(user) for (user,) in ask(_PRESENT, conversation)}
    found = [*history.faults, *_tables(conversation, history, present)]
    for person in {device.person for device in devices}:
        found += _list(conversation, history, person)
    for device in devices:
        told = itertools.chain(*(_stay(history, device, stay) for stay in device.stays), _shown(history, device))
        found += [f"{device.person}: {fault}" for fault in told]
        if device.person in present:
            found += [f"{device.person}: {fault}" for fault in _left_out(conversation, history, device)]
    return found


def _tables(conversation: int, history: History, present: set[str]) -> Iterator[str]:
    """The tables say the same as the log."""
    if present != {person for person in [*history.spans] if history.is_in(person)}:
        yield f"the members are {present}, the log says {dict(history.spans)}"
    [(last, count, version, is_due)] = ask(_STATE, conversation)
    if [seq for seq, _ in ask(_MESSAGES, conversation)] != list(range(1, last + 1)) or len(history.places) != last:
        yield f"there are {len(history.places)} messages in the log, and {last} are numbered"
    if count != len(present) or is_due:
        yield f"{count} members are counted, {len(present)} are there; {'behind' if is_due else 'told'} of version {version}"


def _stay(history: History, device: Device, stay: Stay) -> Iterator[str]:
    """One subscription: from where it may begin, everything once and in order, and nothing that was for others."""
    if stay.start != stay.given and (stay.start < stay.given or stay.start not in history.begins(device.person)):
        yield f"came back at {stay.given}, and hears from {stay.start} on; spans {history.spans[device.person]}"
    if stay.offsets != list(range(stay.start + 1, stay.start + 1 + len(stay.offsets))):
        yield f"heard {stay.offsets} after {stay.start}"
    leaked = [offset for offset in stay.offsets if not history.may_hear(device.person, offset)]
    if leaked:
        yield f"heard {leaked}, and was there at {history.spans[device.person]}"
    if stay.is_cut and stay.last not in history.ends(device.person):
        yield f"was cut after {stay.last}, and went at {history.ends(device.person)}"


def _shown(history: History, device: Device) -> Iterator[str]:
    """Messages, by whatever way: as events, by REST, as the last of a line of the list."""
    last = {entry["last_message"]["seq"] for entry in device.entries if entry["last_message"] is not None}
    for way, numbers in (("events", set(device.known)), ("REST", device.read), ("the list", last)):
        leaked = sorted(seq for seq in numbers if not history.may_read(device.person, seq))
        if leaked:
            yield f"was shown the messages {leaked} by {way}; spans {history.spans[device.person]}, {history.places}"


def _left_out(conversation: int, history: History, device: Device) -> Iterator[str]:
    """A member who is back follows live, has all that is theirs, and as it is."""
    if device.stay is None or device.stay.last != history.head:
        yield f"is a member, and does not hear all up to {history.head}: {device.stays[-1:]}; {history.spans[device.person]}"
    begin = history.spans[device.person][-1][0]
    owed = {seq: content for seq, content in ask(_MESSAGES, conversation) if history.places[seq] >= begin}
    missing = {seq for seq in owed if device.known.get(seq) != owed[seq]}
    if missing:
        yield f"is a member since {begin}, and does not know {sorted(missing)}"


def _list(conversation: int, history: History, person: str) -> Iterator[str]:
    """What a person's own topic told of the conversation: never what was not theirs, and in the end how it is."""
    last: Any = None
    gone = 0
    # Where a removal's line stands, just before its event, in the order of the removals.
    places = {offset: seq for seq, offset in history.places.items()}
    walls = [places.get(end - 1, 0) for end in history.ends(person)]
    for _, kind, data, _ in log_of(f"user:{person}"):
        if kind == "conversation.gone" and data["conversation"] == conversation:
            last, gone = None, gone + 1
        elif kind == "conversation.touched" and data["entry"]["conversation"]["id"] == conversation:
            last = data["entry"]
            if gone and last["mine"]["visible_from"] < walls[gone - 1]:
                yield f"{person} was told of the list after they went: {last}"
    if gone != len(walls):
        yield f"{person} went {len(walls)} times, and was told so {gone} times"
    membership = queries.membership_of(person, conversation)
    fresh = None if membership is None else msgspec.to_builtins(queries.entries_of([membership])[0])
    if last != fresh:
        yield f"{person} was last told {last}, and the list says {fresh}"
