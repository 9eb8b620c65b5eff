"""Presence: who is online, away or offline, over any number of devices and processes; and who looks at what."""
