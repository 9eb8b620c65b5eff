"""What may be said: the length of a message, whom it names, and what it quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from carillon.conversations.events import EXCERPT, Mention, Quote
from carillon.conversations.models import LONGEST_CONTENT, LONGEST_EMOJI, Message
from carillon.errors import invalid_value
from carillon.realtime import codec
from carillon.realtime.identity import Person

EVERYBODY = "*"
_EVERYBODY_NAMES = ("all", "tous", "toutes")
_PLAIN = re.compile(r"[\w\s]+", re.ASCII)


def checked_content(content: str) -> str:
    """The content of a message without the space around it; raises Invalid where it is empty, too long or no text."""
    text = content.strip()
    if not text:
        raise invalid_value("content", "a message needs some text")
    if len(text) > LONGEST_CONTENT:
        raise invalid_value("content", f"at most {LONGEST_CONTENT} characters")
    codec.check_values([text])
    return text


def checked_emoji(emoji: str) -> str:
    """An emoji as a reaction takes it; raises Invalid for words, spaces and what is too long."""
    if not emoji or len(emoji) > LONGEST_EMOJI or any(char.isspace() for char in emoji) or _PLAIN.fullmatch(emoji):
        raise invalid_value("emoji", "one emoji is needed")
    codec.check_values([emoji])
    return emoji


def mentions_in(content: str, members: Mapping[Any, Person]) -> list[Mention]:
    """Whom a text names after an @, of these people: by their name or user name, the longest that fits; `@all` is everybody."""
    if "@" not in content:
        return []
    names = {name: EVERYBODY for name in _EVERYBODY_NAMES}
    for person in members.values():
        names.update({name.casefold(): person.id for name in (person.name, person.username) if name})
    ordered = sorted(names, key=len, reverse=True)
    found: dict[tuple[str, str], Mention] = {}
    folded = content.casefold()
    # Folding may change the length of a text; then names are looked for as they are written.
    text = folded if len(folded) == len(content) else content
    for match in re.finditer(r"(?<![\w@])@", text):
        name = next((name for name in ordered if _stands_at(text, match.end(), name)), None)
        if name is not None:
            mention = Mention(names[name], content[match.end() : match.end() + len(name)])
            found.setdefault((mention.person, mention.name), mention)
    return list(found.values())


def quote_of(message: Message, faces: Mapping[str, Person], hidden_from: int) -> Quote:
    """The beginning of a message, for those who read an answer to it; nothing of one that is hidden from some of them."""
    is_deleted = message.deleted_at is not None
    is_silent = is_deleted or message.seq <= hidden_from
    return Quote(
        id=message.pk,
        seq=message.seq,
        sender=faces.get(str(message.sender_id)) if message.sender_id is not None else None,
        content="" if is_silent else excerpt_of(message.content),
        is_deleted=is_deleted,
    )


def excerpt_of(content: str) -> str:
    """The first words of a message."""
    return content if len(content) <= EXCERPT else content[: EXCERPT - 1].rstrip() + "…"


def named(mentions: Sequence[Mention]) -> set[str]:
    """The keys of those who are named, as text; `*` for everybody."""
    return {mention.person for mention in mentions}


def _stands_at(text: str, start: int, name: str) -> bool:
    end = start + len(name)
    return text.startswith(name, start) and (end == len(text) or not (text[end].isalnum() or text[end] == "_"))
