"""Source 002: one socket for all rooms; everything in one envelope."""
