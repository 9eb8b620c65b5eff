"""REST of conversations: snapshots with their position, and every write that sockets have."""
