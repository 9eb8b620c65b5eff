"""Messages to Channels groups that a dialect claims for its own sockets (DESIGN section 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import Error

from carillon.errors import CarillonError
from carillon.realtime.dialect import Claim, ClaimsGroups
from carillon.realtime.outbox import in_transaction, pass_on
from carillon.realtime.runtime import current

logger = logging.getLogger(__name__)

# Given the key of a topic and the id of what a message tells of: whether it is stored; it is announced if it was not.
Ring = Callable[[str, str], bool]

_rings: dict[str, Ring] = {}


def register_ring(kind: str, ring: Ring) -> None:
    """Use this for stored things that a message claimed for a topic of this kind names."""
    _rings[kind] = ring


def of(group: str, message: Mapping[str, Any]) -> Iterator[tuple[str, Claim]]:
    """The claims that the served dialects make to a message, each with the dialect's name."""
    seen = set()
    for route in current().routes:
        dialect = route.dialect
        if isinstance(dialect, ClaimsGroups) and dialect.name not in seen:
            seen.add(dialect.name)
            claim = dialect.from_group(group, message)
            if claim is not None:
                yield dialect.name, claim


def redeem(dialect: str, claim: Claim) -> None:
    """Announce what the message names, once; where it names nothing stored, say it as it is.

    A failure is left to the sweep, which announces rows too; inside the caller's transaction it is the caller's.
    """
    try:
        ring = _rings.get(claim.topic.kind)
        is_stored = bool(ring and claim.stored and ring(claim.topic.key, claim.stored))
    except (CarillonError, Error):
        if in_transaction():
            # A transaction that met an error commits nothing, and the caller has to know.
            raise
        logger.exception("what a message to a group names could not be announced now; the sweep does it")
        return
    if not is_stored:
        pass_on(claim.topic, claim.frame, dialect)
