"""Frames that make no sense, by a grammar and by lists of what breaks careless code; the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from carillon.realtime.command import registered_commands
from tests.kernel.test_codec import ACCEPTED, REFUSED

COMMANDS = [
    "authenticate",
    "subscribe",
    "unsubscribe",
    "ping",
    "notification.read",
    "notification.unread",
    "notification.seen",
    "notification.read_all",
    "notification.restore_unread",
    "notification.archive",
    "notification.unarchive",
    "notification.snooze",
    "notification.unsnooze",
    "notification.delete",
    "notification.clear_read",
    "notification.press",
    "message.send",
    "message.edit",
    "message.delete",
    "message.react",
    "conversation.create",
    "conversation.update",
    "conversation.read",
    "conversation.mute",
    "conversation.leave",
    "conversation.look",
    "member.add",
    "member.remove",
    "member.set_role",
    "person.block",
    "person.unblock",
    "typing.set",
    "presence.set",
    "presence.watch",
    "no.such",
    "",
    "constructor",
]
FIELDS = [
    "topic",
    "position",
    "token",
    "id",
    "action",
    "ids",
    "up_to",
    "until",
    "stamp",
    "conversation",
    "message",
    "content",
    "reply_to",
    "emoji",
    "on",
    "kind",
    "people",
    "person",
    "role",
    "title",
    "picture",
    "is_typing",
    "state",
    "conversations",
    "epoch",
    "offset",
    "__proto__",
    "user_id",
    "",
]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    -(2**63),
    0.5,
    -1e308,
    "",
    " ",
    "user:1",
    "user:2",
    "user:999999999999999999999999",
    "conversation:1",
    "system",
    "user:1'; DROP TABLE x; --",
    "../../etc/passwd",
    "%s%s%n",
    "\u202e\u0000".replace("\0", ""),
    "\ufeff",
    "é" * 300,
    "x" * 5_000,
    "😀" * 100,
    "2026-13-45T99:99:99Z",
    "2026-11-21T10:00:00Z",
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00-14:00",
    "group",
    "direct",
    "owner",
    "\U0001f44d",
    "javascript:alert(1)",
    ["2"],
    ["1", "2", "2"],
    [1, 2],
    ["0" * 64],
    [],
    [[]],
    ["ffffffffffff"],
    ["f" * 12] * 101,
    [None, 1, "x"],
    {},
    {"epoch": "x", "offset": -1},
    {"epoch": "", "offset": 2**63 - 1},
    {"epoch": "x.0", "offset": 0.5},
    {"$ne": None},
]
NAUGHTY = [
    *("undefined", "null", "NULL", "None", "true", "nan", "Infinity", "0", "-0", "1e1000", "0x41", "1/0", "1,000"),
    *(
        "'",
        '"',
        "`",
        "\\",
        "\\\\",
        "--",
        "/*",
        "*/",
        ";",
        "' OR '1'='1",
        "1; DROP TABLE users",
        "\\'; --",
        "%27",
        "%00",
    ),
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "]]>",
        "<!--",
        "&lt;",
        "javascript:alert(1)",
        "{{7*7}}",
    ),
    *(
        "{% now %}",
        "${7*7}",
        "#{7*7}",
        "$(id)",
        "`id`",
        "|id",
        "&& id",
        "%s%d%n",
        "%(x)s",
        "{0.__class__}",
        "__import__",
    ),
    *(
        "../" * 12,
        "..\\..\\",
        "/etc/passwd",
        "C:\\nul",
        "file:///",
        "http://127.0.0.1:1/",
        "CON",
        "COM1",
        "\r\nSet-Cookie: x",
    ),
    *(
        "\u00a0",
        "\u200b",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufffe",
        "\ufffd",
        "\u0085",
        "\x01",
        "\x1b[31m",
    ),
    *(
        "Ω≈ç√",
        "田中さん",
        "הָיְתָה",
        "الكل",
        "ก็็็็็",
        "Z̮̞̠͙͔ͅA",
        "ﬀ",
        "\u0130\u0131\u017fK",
        "ß",
        "\U0001d7d8",
        "\U0001f468\u200d\U0001f469",
        "\U000e0041",
        "ﷺ",
        "\U0010ffff",
    ),
    *(
        "user:",
        ":1",
        "user:1:2",
        "user:%31",
        "USER:1",
        "user:\uff11",
        "user:+1",
        "user:01",
        "user:1 ",
        "user:1\n",
        "constructor",
    ),
    *(
        "__proto__",
        "hasOwnProperty",
        "toString",
        "self",
        "type",
        "then",
        "length",
        "x" * 300,
        "é" * 1_000,
        "\t\t",
        " ",
        "",
    ),
]


class Fuzz:
    """Frames by a grammar, bent, cut and mixed; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def frames(self, count: int) -> Iterator[str]:
        traps = [trap for trap in REFUSED if isinstance(trap, str) and len(trap) < 60_000]
        ways: list[Callable[[], str]] = [self.command, self.bent, self.cut, self.wrapped, self.naughty, self.whole]
        for number in range(count):
            yield traps[number] if number < len(traps) else self.chance.choice(ways)()

    def naughty(self) -> str:
        """Text that breaks what is careless with it, in one of the places where text goes."""
        text = self.chance.choice(NAUGHTY)
        if self.chance.random() < 0.5:
            text = text[: self.chance.randrange(len(text) + 1)] + self.chance.choice(NAUGHTY)
        frame = self.parts()
        place = self.chance.choice(["type", "ref", "client_id", "name", "value"])
        if place in ("name", "value"):
            name = self.chance.choice(FIELDS)
            frame["data"] = {text: 1} if place == "name" else {name: text}
        else:
            frame[place] = text
        return json.dumps(frame, ensure_ascii=self.chance.random() < 0.5)

    def whole(self) -> str:
        """JSON of a strange shape, or nearly JSON, which is no frame."""
        text = self.chance.choice([text for text, _ in ACCEPTED if isinstance(text, str)])
        opening, closing = self.chance.choice(
            [("", ""), ("[", "]"), ('{"type": ', "}"), ('{"data": ', "}"), (" ", ",")]
        )
        return opening + text + closing

    def value(self, depth: int = 0) -> Any:
        if depth < 3 and self.chance.random() < 0.2:
            return {self.chance.choice(FIELDS): self.value(depth + 1) for _ in range(self.chance.randrange(4))}
        return self.chance.choice(VALUES)

    def parts(self) -> dict[str, Any]:
        command = self.chance.choice(COMMANDS)
        known = registered_commands().get(command)
        if known is not None and self.chance.random() < 0.5:
            # Its own fields get it past the first look.
            data = {field: self.value() for field in known.params.__struct_fields__}
        else:
            data = {self.chance.choice(FIELDS): self.value() for _ in range(self.chance.randrange(4))}
        frame: dict[str, Any] = {"type": command, "data": data, "ref": "r"}
        if self.chance.random() < 0.3:
            frame["client_id"] = self.chance.choice(
                ["k", "", "x" * 200, "a\u0001b", "1e3f2c50-0000-4000-8000-000000000000"]
            )
        return frame

    def command(self) -> str:
        return json.dumps(self.parts())

    def bent(self) -> str:
        frame = self.parts()
        frame[self.chance.choice(["type", "data", "ref", "client_id", "extra", "topic"])] = self.value()
        return json.dumps(frame)

    def cut(self) -> str:
        text = json.dumps(self.parts())
        place = self.chance.randrange(len(text))
        return (
            text[:place]
            + self.chance.choice(["", "\\", '"', "\\u0000", "\\ud800", "{", "\x00", "é"])
            + text[place + 1 :]
        )

    def wrapped(self) -> str:
        depth = self.chance.choice([5, 31, 40])
        return json.dumps({**self.parts(), "data": json.loads("[" * depth + "]" * depth)})
