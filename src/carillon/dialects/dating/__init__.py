"""Source 004: a socket for each conversation, and one for notifications; flat frames."""
