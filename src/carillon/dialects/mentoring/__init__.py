"""Source 001: mentors, mentees and their notifications, over REST alone."""
