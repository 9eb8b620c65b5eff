"""Logging of the server: no query string of a request and no token ever reaches a log (GUARANTEES S8)."""

from __future__ import annotations

import logging
import re
from typing import Any

_SECRET = re.compile(r"(?i)\b(token|ticket|access|refresh|password|secret)=[^&\s\"']+")
_SUBPROTOCOL = re.compile(r"\b(bearer|ticket|api-key)[. ][A-Za-z0-9_.~+/=-]{12,}", re.IGNORECASE)
_QUERY = re.compile(r"\?[^\s\"']*")


def scrub(text: str) -> str:
    """The text without the values of credentials."""
    return _SUBPROTOCOL.sub(r"\1 …", _SECRET.sub(r"\1=…", text))


class Scrub(logging.Filter):
    """Takes credentials out of every record, and whole query strings out of uvicorn's lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: the record is rewritten, not dropped."""
        clean = _without_query if record.name.startswith("uvicorn") else scrub
        record.msg = _cleaned(record.msg, clean)
        if isinstance(record.args, tuple):
            record.args = tuple(_cleaned(argument, clean) for argument in record.args)
        return True


def _without_query(text: str) -> str:
    return scrub(_QUERY.sub("", text))


def _cleaned(value: Any, clean: Any) -> Any:
    return clean(value) if isinstance(value, str) else value
