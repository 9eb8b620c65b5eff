"""Background work of people: forgetting tickets and sessions that are over."""

from __future__ import annotations

from carillon.jobs.sweeps import sweep
from carillon.people import actions


@sweep("people.tickets", every=60.0)
def forget_tickets() -> int:
    """Drop tickets that can no longer be used."""
    return actions.forget_tickets()


@sweep("people.sign_ins", every=3600.0)
def forget_sign_ins() -> int:
    """Drop sessions whose refresh token has expired."""
    return actions.forget_sign_ins()
