"""REST of people: signing in and out, tickets, passwords, who I am, and whom services mean by their own ids."""

from __future__ import annotations

from carillon.people.api.security import ApiKeyScheme, BearerScheme

# Importing the schemes is what makes the schema generator know them.
__all__ = ["ApiKeyScheme", "BearerScheme"]
