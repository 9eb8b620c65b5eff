"""Tiny host projects in real processes: Carillon embedded beside what hosts already have."""
