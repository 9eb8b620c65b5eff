"""Source 000: notifications with a bell, one frame each."""
