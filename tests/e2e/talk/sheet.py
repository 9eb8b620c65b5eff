"""What was answered: one stored message for each key, however often and by whichever way it was sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.talk.plan import Saying

# What says no more than "not now".
FOR_NOW = {"busy", "unavailable", "in_progress", "rate_limited"}


@dataclass
class Sheet:
    """Answers as they come in, and what is wrong with them."""

    answers: dict[str, tuple[int, int, int, str]] = field(default_factory=dict)
    how: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    # Who was told "not now" comes later than what the same device sent after it, and may.
    put_off: set[str] = field(default_factory=set)

    def acknowledge(self, saying: Saying, message: dict[str, Any]) -> bool:
        """Note the answer to a copy; says whether it is the first."""
        found = (message["id"], message["conversation"], message["seq"], message["content"])
        self.how["acknowledged"] += 1
        known = self.answers.setdefault(saying.key, found)
        if known != found:
            self.faults.append(f"{saying.key} is {known}, and {found}")
        if found[1] != saying.conversation or found[3] != saying.content or message["client_id"] != saying.key:
            self.faults.append(f"{saying.key} was answered with {message}")
        return known is found

    def refuse(self, saying: Saying, code: str, *, is_other: bool) -> bool:
        """Note a refusal; says whether the copy is to be sent again."""
        self.how[code] += 1
        if code in FOR_NOW:
            return True
        if not (is_other and code == "idempotency_mismatch"):
            self.faults.append(f"{saying.key} was refused: {code}")
        return False

    def accept_other(self, saying: Saying) -> None:
        """Note that another message was accepted under a used key."""
        self.faults.append(f"another message was accepted under {saying.key}")
