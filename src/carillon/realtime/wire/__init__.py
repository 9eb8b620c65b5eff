"""WebSocket on the wire (RFC 6455): framing, an incremental parser, the upgrade, and a protocol class for uvicorn."""

# Where a scope's extensions hold the socket itself, for those who write frames directly.
EXTENSION = "carillon.socket"
