"""The one strict JSON decoder, for sockets and REST alike (GUARANTEES 3.3): what one database would refuse, both refuse."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from carillon.errors import Invalid

MAX_DEPTH = 32
MAX_KEYS = 256
_LIMIT = 2**63
# Matches an unfinished string too: with a mandatory end quote, a hostile text would be scanned again from each quote.
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


def decode(text: str | bytes) -> Any:
    """Decode JSON; raises Invalid `malformed` for bad JSON, NaN, NUL, lone surrogates, huge numbers, deep nesting or repeated keys."""
    source = _text(text)
    _check_depth(source)
    try:
        value = _decoder.decode(source)
    except json.JSONDecodeError as error:
        raise _malformed(f"Not JSON: {error.msg} at character {error.pos}.") from None
    if "\\" in source:
        check_values(value)
    else:
        # What is not escaped is what it says, and NUL is no JSON.
        _check_text(source)
    return value


def _text(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("Not UTF-8.") from None


def _malformed(message: str) -> Invalid:
    return Invalid("malformed", message)


def _constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is not JSON.")


def _integer(digits: str) -> int:
    # Python refuses integers of more than 4,300 digits with a ValueError of its own; both databases stop at 64 bits.
    if len(digits) > 20 or not -_LIMIT <= (number := int(digits)) < _LIMIT:
        raise _malformed("An integer is out of range.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _malformed("A number is out of range.")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise _malformed(f"An object has more than {MAX_KEYS} keys.")
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _malformed("A key is repeated.")
    return result


_decoder = json.JSONDecoder(parse_constant=_constant, parse_int=_integer, parse_float=_float, object_pairs_hook=_object)


def _check_depth(source: str) -> None:
    """Measure nesting outside strings before the parser recurses into it."""
    if source.count("[") + source.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", source)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise _malformed(f"Nested deeper than {MAX_DEPTH}.")


def check_values(value: Any) -> None:
    """Refuse text that PostgreSQL cannot store: NUL and lone surrogates, in values and in keys; raises Invalid."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())


def _check_text(text: str) -> None:
    if "\0" in text:
        raise _malformed("NUL is not text.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _malformed("A lone surrogate is not text.") from None
