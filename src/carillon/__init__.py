"""Carillon: the real-time layer of a Django product."""

from __future__ import annotations

__version__ = "0.1.0"
