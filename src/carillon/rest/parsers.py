"""Bodies: one strict JSON decoder shared with sockets, and structs instead of guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, TypeVar

import msgspec
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from carillon.errors import Invalid
from carillon.realtime import codec
from carillon.realtime.command import invalid_field

MAX_BODY = 1_048_576

_S = TypeVar("_S", bound=msgspec.Struct)


class StrictJSONParser(BaseParser):
    """JSON as GUARANTEES 3.3 allows it; raises Invalid `malformed`, or `too_large` above MAX_BODY bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded body."""
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise Invalid("too_large", f"The body is larger than {MAX_BODY} bytes.")
        return codec.decode(body)


def body_as(struct: type[_S], request: Request) -> _S:
    """The body as this struct; raises Invalid naming the field that is wrong."""
    if not isinstance(request.data, dict):
        raise Invalid("invalid", "The body must be a JSON object.", details=[{"field": "", "message": "not an object"}])
    return struct_of(struct, request.data)


def struct_of(struct: type[_S], values: Mapping[str, Any]) -> _S:
    """A mapping as this struct; raises Invalid naming the field that is wrong."""
    try:
        return msgspec.convert(dict(values), struct)
    except msgspec.ValidationError as error:
        raise invalid_field(error) from None
