"""carillon.v1: the protocol of our own clients (DESIGN section 6)."""
