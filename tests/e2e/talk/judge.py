"""The judge of messages: what is in the tables and in the log, against what was to be said and what was answered.

It reads past the server, and shares no code with it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.e2e.talk.plan import LANES, Saying
from tests.e2e.talk.rows import Rows
from tests.e2e.talk.sheet import Sheet

_MESSAGES = "SELECT id, conversation_id, seq, sender_id, client_id, content FROM carillon_conversations_message"
_HEADS = "SELECT id, last_seq FROM carillon_conversations_conversation"
_EVENTS = (
    'SELECT topic, "offset", type, data FROM carillon_realtime_storedevent'
    " WHERE topic LIKE 'conversation:%' ORDER BY topic, \"offset\""
)
_MARKS = (
    "SELECT member.conversation_id, member.user_id, mark.up_to FROM carillon_conversations_readmark mark"
    " JOIN carillon_conversations_membership member ON member.id = mark.membership_id"
)


class Judge:
    """Everything that is wrong with a database after a storm of repeats; `faults` says what, in words."""

    def __init__(self, rows: Rows, sayings: Sequence[Saying], sheet: Sheet) -> None:
        self.sayings, self.sheet = sayings, sheet
        # The demo has conversations of its own.
        ours = {saying.conversation for saying in sayings}
        messages = [dict(zip(_NAMES, row, strict=True)) for row in rows(_MESSAGES)]
        self.messages = [row for row in messages if row["conversation_id"] in ours]
        self.heads = {conversation: last for conversation, last in rows(_HEADS) if conversation in ours}
        self.events = [
            (topic, offset, kind, json.loads(data))
            for topic, offset, kind, data in rows(_EVENTS)
            if int(topic.partition(":")[2]) in ours
        ]
        self.marks = {(conversation, user): up_to for conversation, user, up_to in rows(_MARKS)}
        self.said = {row["client_id"]: row for row in self.messages if row["client_id"]}
        self.stored = sum(1 for row in self.messages if row["client_id"])
        self.faults = [*sheet.faults]
        for check in (self._rows, self._numbers, self._events, self._answers, self._order):
            self.faults += check()

    def _rows(self) -> list[str]:
        counted = Counter(row["client_id"] for row in self.messages if row["client_id"])
        wanted = {saying.key for saying in self.sayings}
        found = [f"{key} is stored {count} times" for key, count in counted.items() if count > 1]
        found += [f"{key} is not stored" for key in sorted(wanted - counted.keys())]
        return found + [f"{key} was never said" for key in sorted(counted.keys() - wanted)]

    def _numbers(self) -> list[str]:
        numbers: dict[int, list[int]] = defaultdict(list)
        for row in self.messages:
            numbers[row["conversation_id"]].append(row["seq"])
        return [
            f"conversation {conversation} has the numbers {_gaps(numbers[conversation])} and ends with {last}"
            for conversation, last in self.heads.items()
            if sorted(numbers[conversation]) != list(range(1, last + 1))
        ]

    def _events(self) -> list[str]:
        """One event for each message, with what is stored, in the order of the numbers; offsets without gaps."""
        by_id = {row["id"]: row for row in self.messages}
        told: Counter[int] = Counter()
        last: dict[str, int] = defaultdict(int)
        offsets: dict[str, list[int]] = defaultdict(list)
        found = []
        for topic, offset, kind, data in self.events:
            offsets[topic].append(offset)
            if kind != "message.sent":
                continue
            message = data["message"]
            told[message["id"]] += 1
            row = by_id.get(message["id"])
            same = row and (row["seq"], row["content"]) == (message["seq"], message["content"])
            if not same or topic != f"conversation:{message['conversation']}":
                found.append(f"{topic}/{offset} tells {message}, and stored is {row}")
            if message["seq"] <= last[topic]:
                found.append(f"{topic}/{offset} tells {message['seq']} after {last[topic]}")
            last[topic] = message["seq"]
        found += [f"message {key} was told {told[key]} times" for key in by_id if told[key] != 1]
        wrong = [topic for topic, each in offsets.items() if each != list(range(1, len(each) + 1))]
        return found + [f"{topic} has gaps" for topic in wrong]

    def _answers(self) -> list[str]:
        """What was acknowledged is stored, as it was told."""
        found = []
        for saying in self.sayings:
            answer, row = self.sheet.answers.get(saying.key), self.said.get(saying.key)
            if answer is None:
                found.append(f"{saying.key} was never acknowledged")
            elif row is None or answer != (row["id"], row["conversation_id"], row["seq"], row["content"]):
                found.append(f"{saying.key} was acknowledged as {answer}, and stored is {row}")
            elif (row["content"], row["conversation_id"]) != (saying.content, saying.conversation):
                found.append(f"{saying.key} is not what was said first")
        return found

    def _order(self) -> list[str]:
        """What one device sent in order has its numbers in order."""
        found = []
        for line in _lines(self.sayings).values():
            kept = [saying for saying in line if saying.key not in self.sheet.put_off and saying.key in self.said]
            for before, after in itertools.pairwise(kept):
                if self.said[before.key]["seq"] >= self.said[after.key]["seq"]:
                    found.append(f"{after.key} was sent after {before.key}, and stands before it")
        return found


_NAMES = ("id", "conversation_id", "seq", "sender_id", "client_id", "content")


def _lines(sayings: Sequence[Saying]) -> dict[tuple[int, int, int], list[Saying]]:
    """What each device says in each conversation, in order."""
    found: dict[tuple[int, int, int], list[Saying]] = defaultdict(list)
    for saying in sayings:
        if saying.way == "lane":
            found[(saying.person, saying.lane % LANES, saying.conversation)].append(saying)
    return found


def ordered(sayings: Sequence[Saying]) -> int:
    """How many messages have to keep their order."""
    return sum(len(line) for line in _lines(sayings).values())


def listened(offsets: Sequence[int], sent: Sequence[tuple[int, str]], messages: Sequence[dict[str, Any]]) -> list[str]:
    """What is wrong with what a member heard of a conversation: everything once, in order, over any number of connections."""
    found = []
    if list(offsets) != list(range(offsets[0], offsets[0] + len(offsets))) if offsets else True:
        found.append("a listener heard offsets that do not follow one another")
    owed = sorted((row["seq"], row["client_id"]) for row in messages if row["client_id"])
    if list(sent) != owed:
        found.append(f"a listener heard {len(sent)} messages of {len(owed)}, or in another order")
    return found


def grown(receipts: Sequence[tuple[str, int]], mark: int, person: int) -> list[str]:
    """What is wrong with the receipts of one reader: they only grow, and end where the table stands."""
    mine = [up_to for who, up_to in receipts if who == str(person)]
    found = [] if mine == sorted(set(mine)) else [f"the receipts of {person} do not grow: {mine}"]
    return (
        found if mine and mine[-1] == mark else [*found, f"the receipts of {person} end with {mine[-1:]}, not {mark}"]
    )


def _gaps(numbers: Sequence[int]) -> str:
    return f"{len(numbers)} between {min(numbers, default=0)} and {max(numbers, default=0)}"
