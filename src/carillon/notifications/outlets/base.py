"""The contract of an outlet: it hands one thing over at a time, and says why when it does not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from carillon.notifications.models import Notification


@dataclass(frozen=True)
class Outgoing:
    """One notification for one person; `key` is the same at every attempt, for whoever receives it twice to know it by."""

    key: str
    notification: Notification
    user: Any
    language: str


class NotNeeded(Exception):
    """There is nobody to hand it to, and trying again would not change that: no address, no device. Its words are kept."""


class Rejected(Exception):
    """It was refused for good; trying again would be a nuisance. Its words are kept."""


class Unreachable(Exception):
    """Nothing can be handed over now, whoever it is for: the server is away, or does not know us. Everything waits a minute."""


Send = Callable[[Outgoing], None]


class Outlet(Protocol):
    """A way out. It is called outside of transactions, in a thread of the background work; several may call it at once.

    At least once is what it promises: a process may die between handing over and writing that down.
    """

    @property
    def is_for_inactive(self) -> bool:
        """Whether it spares those who are active in the application now (REQUIREMENTS 004-46)."""

    @property
    def rings_again(self) -> bool:
        """Whether it tells of a notification that rings again with newer words; else of each only once."""

    def delay_of(self, severity: str) -> float:
        """Seconds to wait before a notification of this severity goes out, unless its kind says how many."""

    def open(self) -> AbstractContextManager[Send]:
        """What hands things over, for one batch; it may keep a connection.

        Each call ends within a minute, and raises NotNeeded, Rejected or Unreachable, or anything else to be tried again.
        """
