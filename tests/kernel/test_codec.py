"""The one JSON decoder refuses what Python accepts and a database does not (GUARANTEES 3.3)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carillon.errors import Invalid
from carillon.realtime import codec

REFUSED: list[str | bytes] = [
    # Not JSON at all.
    "",
    " ",
    "\n",
    "nul",
    "True",
    "undefined",
    "'single'",
    "{'a': 1}",
    "{a: 1}",
    '{"a": 1,}',
    "[1,]",
    "[,1]",
    '{"a" 1}',
    '{"a": }',
    "{",
    "[",
    '"',
    '"\\',
    '{"a": 1}{"b": 2}',
    '{"a": 1} x',
    "// comment\n{}",
    "/* comment */ {}",
    '"\t"',
    '"\n"',
    '"\\x41"',
    '"\\u12"',
    '"\\u{41}"',
    # Numbers that are none.
    "NaN",
    "-NaN",
    "Infinity",
    "-Infinity",
    "[NaN]",
    '{"a": Infinity}',
    "1e999",
    "-1e999",
    "[1, 1e400]",
    "01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "1_000",
    "--1",
    # Numbers that fit in no database.
    str(2**63),
    str(-(2**63) - 1),
    "1" * 21,
    "1" * 5_000,
    '{"offset": ' + "9" * 100_000 + "}",
    # Text that is none.
    '"\\u0000"',
    '"a\\u0000b"',
    '{"\\u0000": 1}',
    '["x", {"y": "\\u0000"}]',
    '"\\ud800"',
    '"\\udfff"',
    '"\\ude00\\ud83d"',
    '{"\\udc00": 1}',
    '["\\ud83d x"]',
    # Too deep, too wide, told twice.
    "[" * 33 + "]" * 33,
    '{"a":' * 33 + "1" + "}" * 33,
    "[" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    '[{"a":' * 20_000,
    "{" + ",".join(f'"k{n}": 1' for n in range(257)) + "}",
    '{"a": 1, "a": 1}',
    '{"a": 1, "\\u0061": 2}',
    '{"x": {"b": 1, "b": 2}}',
    # Bytes that are not UTF-8, and marks before the text.
    b"\xff\xfe{\x00}\x00",
    b'"\xff"',
    b'"\xc3("',
    b'"\xed\xa0\x80"',
    b'"\xc0\x80"',
    b"\xef\xbb\xbf{}",
    "\ufeff{}",
    '{"a": 1}'.encode("utf-16"),
    '{"a": 1}'.encode("utf-32"),
]

ACCEPTED: list[tuple[str | bytes, Any]] = [
    ("{}", {}),
    ("[]", []),
    (" {} \n", {}),
    ("null", None),
    ("0", 0),
    ("-0", 0),
    (str(2**63 - 1), 2**63 - 1),
    (str(-(2**63)), -(2**63)),
    ("9007199254740991", 2**53 - 1),
    ("1e308", 1e308),
    ("1e-400", 0.0),
    ("0." + "1" * 5_000, float("0." + "1" * 5_000)),
    ('"\\ud83d\\ude00"', "😀"),
    ('"😀"'.encode(), "😀"),
    ('"\\u0001\\u001f\\u007f"', "\x01\x1f\x7f"),
    ('"\\/"', "/"),
    ('{"__proto__": 1, "constructor": {}}', {"__proto__": 1, "constructor": {}}),
    ('{"": 1}', {"": 1}),
    ("[" * 32 + "]" * 32, None),
    (json.dumps("[" * 1_000), "[" * 1_000),
    ('"\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', '"' + "[" * 34),
    ("{" + ",".join(f'"k{n}": 1' for n in range(256)) + "}", {f"k{n}": 1 for n in range(256)}),
    ("[" + "[]," * 5_000 + "1]", None),
    ('"\u202e"', "\u202e"),
    ('"\uffff"', "\uffff"),
]


def test_there_are_enough_traps() -> None:
    assert len(REFUSED) >= 60


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:24]))
def test_a_trap_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(Invalid) as caught:
        codec.decode(text)
    assert caught.value.slug == "malformed"


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=lambda value: repr(value)[:24])
def test_what_is_json_is_accepted(text: str | bytes, expected: Any) -> None:
    decoded = codec.decode(text)
    assert expected is None or decoded == expected


_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | _text,
    lambda inner: st.lists(inner) | st.dictionaries(_text, inner),
    max_leaves=20,
)


@given(_values)
def test_whatever_a_database_can_hold_comes_back(value: Any) -> None:
    assert codec.decode(json.dumps(value)) == value


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_nothing_but_a_refusal_comes_of_noise(noise: str | bytes) -> None:
    try:
        codec.decode(noise)
    except Invalid as refused:
        assert refused.slug == "malformed"


@pytest.mark.parametrize(
    "hostile",
    ['"' * 65_000, '"\\' * 32_000, "[{" * 32_000, '["' * 32_000, '"[' * 32_000 + '"', "[" * 31 + '"' * 65_000],
    ids=lambda text: repr(text[:8]),
)
def test_a_hostile_frame_costs_little(hostile: str) -> None:
    started = time.perf_counter()
    with pytest.raises(Invalid):
        codec.decode(hostile)
    assert time.perf_counter() - started < 0.5
