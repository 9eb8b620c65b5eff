"""The short way to the claims of a token lets in nothing that simplejwt would refuse, and says the same of what it lets in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from typing import Any

import pytest
import time_machine
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from carillon.people.claims import plainly_good

HEADER = {"alg": "HS256", "typ": "JWT"}


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def made(header: Any = HEADER, key: bytes | None = None, digest: str = "sha256", raw: str = "", **claims: Any) -> str:
    """A token of ours with other claims, header, key or payload; a claim of None is left out."""
    said = {**AccessToken().payload, "user_id": "7", **claims}
    payload = raw or json.dumps({name: value for name, value in said.items() if value is not None})
    signed = f"{packed(json.dumps(header).encode())}.{packed(payload.encode())}"
    secret = token_backend.prepared_signing_key if key is None else key
    return f"{signed}.{packed(hmac.new(secret, signed.encode(), getattr(hashlib, digest)).digest())}"


def by_simplejwt(token: str) -> dict[str, Any] | None:
    try:
        return AccessToken(token).payload  # type: ignore[arg-type]
    except TokenError:
        return None


BAD = [
    made(exp=int(time.time()) - 60),
    made(exp=None),
    made(exp=str(2**33)),
    made(exp=float(2**33)),
    made(exp=True),
    made(iat=int(time.time()) + 3600),
    made(nbf=int(time.time()) + 3600),
    made(token_type="refresh"),
    made(token_type=None),
    made(jti=None),
    made(jti=7),
    made(sub=7),
    made(key=b"another key that is as long as ours would be, or longer"),
    made(key=b""),
    made({"alg": "none", "typ": "JWT"}),
    made({"alg": "HS512", "typ": "JWT"}),
    made({"alg": "HS512", "typ": "JWT"}, digest="sha512"),
    made({"alg": "hs256", "typ": "JWT"}),
    made({**HEADER, "crit": ["b64"], "b64": False}),
    made(["HS256"]),
    made(raw="[]"),
    made(raw='{"exp": NaN}'),
    made(raw="no json"),
    str(RefreshToken()),
    f"{made()}.",
    f".{made()}",
    f"{made()}x",
    f" {made()}",
    f"{made()}ä",
    made().rpartition(".")[0],
    made().rpartition(".")[0] + ".",
    "",
    ".",
    "..",
    "a.b.c",
]


def test_good_tokens_say_what_simplejwt_reads_in_them() -> None:
    plain = AccessToken()
    plain["user_id"], plain["sid"], plain["größe"] = "7", "s_1", ["ä", {"a": None}]
    for token in (str(plain), str(RefreshToken().access_token), made(sub="7"), made(iat=None)):
        assert plainly_good(token) == by_simplejwt(token) is not None


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_not_plainly_good_is_not_let_in(number: int) -> None:
    # By number: a name that changes with each run cannot be asked for.
    assert plainly_good(BAD[number]) is None


def test_a_token_in_which_one_character_is_another_is_good_for_nobody() -> None:
    token, chance = made(), random.Random(7)
    for place in range(len(token)):
        another = chance.choice([each for each in "aZ09-_.= " if each != token[place]])
        changed = token[:place] + another + token[place + 1 :]
        found = plainly_good(changed)
        assert found is None or found == by_simplejwt(changed)


def test_it_is_good_until_the_second_that_it_names() -> None:
    token = made(exp=int(time.time()) + 600)
    assert plainly_good(token) is not None
    with time_machine.travel(time.time() + 600):
        assert plainly_good(token) is None


def test_what_the_host_asks_beyond_that_is_asked_of_simplejwt(monkeypatch: pytest.MonkeyPatch) -> None:
    token = made()
    for name, value in (("audience", "us"), ("issuer", "us"), ("leeway", -1), ("algorithm", "RS256")):
        with monkeypatch.context() as changed:
            changed.setattr(token_backend, name, value)
            assert plainly_good(token) is None
    assert plainly_good(token) is not None
