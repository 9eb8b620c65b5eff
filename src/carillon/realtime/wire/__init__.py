"""WebSocket on the wire (RFC 6455): framing, an incremental parser, the upgrade, and a protocol class for uvicorn."""
