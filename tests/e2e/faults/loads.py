"""Loads as a seed has them: what is written when, where and which way."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Way = Literal["rest", "socket", "python"]


@dataclass(frozen=True)
class Write:
    """One write: `at` seconds after the start, into a hall, or as a notification for `person`."""

    at: float
    way: Way
    id: str
    hall: str = ""
    person: str = ""
    text: str = ""


@dataclass(frozen=True)
class Load:
    """How much is written: `rate` events a second for so long, of `size` characters, by so many writers of each way."""

    rate: float
    seconds: float
    size: int = 20
    notifications: float = 0.1


def writes(chance: random.Random, load: Load, name: str, halls: list[str], people: list[str]) -> list[Write]:
    """What is written, in the order of time; a third each way, notifications through Python only."""
    made = []
    for number in range(round(load.rate * load.seconds)):
        at = (number + chance.random()) / load.rate
        id, text = f"{name}-{number}", "x" * load.size
        if people and chance.random() < load.notifications:
            made.append(Write(at, "python", id, person=chance.choice(people), text=text))
        else:
            way: Way = chance.choice(("rest", "rest", "socket", "socket", "socket", "python"))
            made.append(Write(at, way, id, hall=chance.choice(halls), text=text))
    return made
