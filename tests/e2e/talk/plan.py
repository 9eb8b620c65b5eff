"""What is to be said: who says what where, by which way, and how often it is sent."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Way = Literal["lane", "anywhere"]

LANES = 2
MOST_COPIES = 5


@dataclass(frozen=True)
class Saying:
    """One message: the first copy of a `lane` one goes over that device, in order; the others go by all ways at once."""

    key: str
    person: int
    conversation: int
    other: int
    content: str
    way: Way
    lane: int
    copies: int
    is_tried_differently: bool


@dataclass(frozen=True)
class Talker:
    """Somebody who talks: what they present, and the conversation that they have for themselves."""

    id: int
    sessions: list[dict[str, str]]
    own: int


def made(talkers: list[Talker], hot: int, count: int, seed: str) -> list[Saying]:
    """So many messages, half of them in the hot conversation; the same seed is the same plan."""
    chance = random.Random(seed)
    sayings = []
    for number in range(count):
        person = chance.randrange(len(talkers))
        places = [hot, talkers[person].own]
        chance.shuffle(places)
        sayings.append(
            Saying(
                key=f"{seed}-{number}",
                person=person,
                conversation=places[0],
                other=places[1],
                content=f"Message {number} *of {person}*",
                way=chance.choice(("lane", "anywhere")),
                lane=chance.randrange(LANES),
                copies=chance.randint(1, MOST_COPIES),
                is_tried_differently=chance.random() < 0.05,
            )
        )
    return sayings
