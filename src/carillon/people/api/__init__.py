"""REST of people: signing in and out, tickets, passwords, and who I am."""

from __future__ import annotations

from carillon.people.api.security import BearerScheme

# Importing the scheme is what makes the schema generator know it.
__all__ = ["BearerScheme"]
