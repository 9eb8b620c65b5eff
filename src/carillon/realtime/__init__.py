"""The kernel: events in an ordered log, a hub that fans them out, and sockets; knows no feature and no dialect."""
