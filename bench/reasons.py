"""Why a goal is missed, by the key of bench/goals.py; each sentence can be checked against the profile of the run."""

from __future__ import annotations

REASONS: dict[str, str] = {}
