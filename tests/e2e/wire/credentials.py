"""What may be presented to open a socket, and does not open it, with the word it is refused by (GUARANTEES S6)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.server import Server

SECRET = "a-secret-of-these-tests-alone-which-is-long-enough-for-everybody"
PEOPLE = ("gone", "disabled", "leaver", "other")

# Run in the server's shell: people in every state, tickets and sessions of theirs.
PREPARE = """
import datetime as dt, json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from carillon.people import actions, tokens
from carillon.people.models import SignIn, Ticket
model = get_user_model()
told = {}
def session(user, seconds=3600):
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.set_expiry(seconds)
    store.save()
    return store.session_key
alice = model.objects.get(username="alice")
for name in PEOPLE:
    user = model.objects.create_user(name, password=name)
    pair = tokens.open_session(user)
    told[name] = {"id": user.pk, "access": pair.access, "refresh": pair.refresh,
                  "ticket": actions.issue_ticket(user), "session": session(user)}
    if name == "disabled":
        user.is_active = False
        user.save()
    elif name == "leaver":
        actions.sign_out_everywhere(user)
    elif name == "gone":
        user.delete()
told["alice"] = {"id": alice.pk, "session": session(alice), "tickets": [actions.issue_ticket(alice) for _ in range(TICKETS)]}
late = actions.issue_ticket(alice)
Ticket.objects.filter(digest=actions.accounts._digest(late)).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
told["alice"]["late"] = late
told["alice"]["ended"] = session(alice, -1)
print("TOLD", json.dumps(told))
"""


@dataclass(frozen=True)
class Case:
    """One way to present something: subprotocols beside the dialect's own, a query, headers; and the slugs it is refused by."""

    name: str
    refused: set[str]
    offered: list[str] = field(default_factory=list)
    query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)


def prepare(server: Server, tickets: int) -> dict[str, Any]:
    """Make the people, and what is theirs."""
    code = f"PEOPLE = {PEOPLE!r}\nTICKETS = {tickets}\n{PREPARE}"
    told: dict[str, Any] = json.loads(server.carillon("shell", "-v0", "-c", code).split("TOLD ")[1])
    return told


def encoded(part: Any) -> str:
    """A part of a JWT."""
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: Any, *, key: str = SECRET, header: dict[str, Any] | None = None, digest: str = "sha256") -> str:
    """A token of anybody's making."""
    words = f"{encoded({'alg': 'HS256', 'typ': 'JWT', **(header or {})})}.{encoded(claims)}"
    return f"{words}.{encoded(hmac.new(key.encode(), words.encode(), digest).digest())}"


def claims(person: Any, **others: Any) -> dict[str, Any]:
    """What a good access token says; `None` leaves a claim out."""
    now = int(time.time())
    good = {"token_type": "access", "exp": now + 600, "iat": now, "jti": "0" * 32, "user_id": str(person)}
    return {name: value for name, value in {**good, **others}.items() if value is not None}


def _forged(alice: Any, good: str) -> dict[str, str]:
    """Tokens that nobody issued: none may be taken for alice's."""
    head, body, signature = good.split(".")
    now, other_key = int(time.time()), SECRET[::-1]
    unsigned = encoded({"alg": "none", "typ": "JWT"})
    return {
        "alg none": f"{unsigned}.{body}.",
        "alg none, signed": f"{unsigned}.{body}.{signature}",
        "alg NONE": f"{encoded({'alg': 'NONE'})}.{body}.",
        "alg missing": f"{encoded({'typ': 'JWT'})}.{body}.{signature}",
        "alg RS256 with our secret": signed(claims(alice), header={"alg": "RS256"}),
        "alg ES256": signed(claims(alice), header={"alg": "ES256"}),
        "alg HS512": signed(claims(alice), header={"alg": "HS512"}, digest="sha512"),
        "alg HS384": signed(claims(alice), header={"alg": "HS384"}, digest="sha384"),
        "another key": signed(claims(alice), key=other_key),
        "an empty key": signed(claims(alice), key=""),
        "kid of a file": signed(claims(alice), key="", header={"kid": "../../../../dev/null"}),
        "kid of SQL": signed(claims(alice), key="x", header={"kid": "x' UNION SELECT 'x"}),
        "its own key": signed(claims(alice), key="x", header={"jwk": {"kty": "oct", "k": encoded(b"x")}}),
        "a key elsewhere": signed(claims(alice), key="x", header={"jku": "http://127.0.0.1:1/keys"}),
        "a certificate elsewhere": signed(claims(alice), key="x", header={"x5u": "http://127.0.0.1:1/x"}),
        "critical header": signed(claims(alice), key="x", header={"crit": ["b64"], "b64": False}),
        "signature missing": f"{head}.{body}.",
        "signature cut": good[:-2],
        "signature of another": f"{head}.{encoded(claims(alice, user_id='2'))}.{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.x",
        "body not JSON": f"{head}.{encoded(b'x')}.{signature}",
        "body a list": signed([1]),
        "not yet": signed(claims(alice, nbf=now + 600)),
        "no type": signed(claims(alice, token_type=None)),
        "no expiry": signed(claims(alice, exp=None)),
        "no id": signed(claims(alice, jti=None)),
        "no person": signed(claims(alice, user_id=None)),
        "another type": signed(claims(alice, token_type="sliding")),
        "another claim for the person": signed(claims(alice, user_id=None, sub=str(alice), username="alice")),
        "garbage": "x",
        "dots": "..",
        "base64 of nothing": f"{encoded(b'')}.{encoded(b'')}.",
        "very long": "x" * 8_000,
    }


# Signed well, and about nobody that we know.
_NOBODYS = {"no person": ["session_revoked"], "another claim for the person": ["session_revoked"]}


def cases(told: dict[str, Any], good: str) -> list[Case]:
    """Each with the slugs that may refuse it."""
    alice = told["alice"]
    invalid = {"token_invalid"}
    found = [
        Case(name, {"token_invalid", *_NOBODYS.get(name, ())}, [f"bearer.{token}"])
        for name, token in _forged(alice["id"], good).items()
    ]
    expired = signed(claims(alice["id"], exp=int(time.time()) - 600))
    nobody = {
        "an id of nobody": 10**9,
        "an id of no form": "x' OR 1=1 --",
        "an id below zero": -1,
        "an id too large": 2**70,
    }
    nothing = {"unauthenticated"}
    gone = {"session_revoked", "token_invalid"}
    return [
        *found,
        Case("expired", {"token_expired"}, [f"bearer.{expired}"]),
        *(Case(name, gone, [f"bearer.{signed(claims(id))}"]) for name, id in nobody.items()),
        *(Case(f"token of {who}", gone, [f"bearer.{told[who]['access']}"]) for who in ("gone", "disabled", "leaver")),
        *(Case(f"ticket of {who}", gone, [f"ticket.{told[who]['ticket']}"]) for who in ("gone", "disabled", "leaver")),
        Case("another's session in the token", gone, [f"bearer.{signed(claims(alice['id'], sid=_sid(told)))}"]),
        Case("a session of nobody", gone, [f"bearer.{signed(claims(alice['id'], sid='si_nothing'))}"]),
        Case("refresh for access", invalid, [f"bearer.{told['other']['refresh']}"]),
        Case("ticket after its time", invalid, [f"ticket.{alice['late']}"]),
        Case("ticket of nobody", invalid, ["ticket.nonsense"]),
        Case("ticket that is a token", invalid, [f"ticket.{good}"]),
        Case("token that is a ticket", invalid, [f"bearer.{told['other']['ticket']}"]),
        Case("ticket in another's query", invalid, query="?ticket=nonsense"),
        Case("a bad one before a good one", invalid, ["bearer.x", f"bearer.{good}"]),
        Case("a bad ticket before a good token", invalid, ["ticket.x", f"bearer.{good}"]),
        Case("in the Authorization header", nothing, headers=[("Authorization", f"Bearer {good}")]),
        Case("a password", nothing, headers=[("Authorization", "Basic YWxpY2U6YWxpY2U=")]),
        Case("a name in a header", nothing, headers=[("X-User", "alice"), ("X-User-Id", str(alice["id"]))]),
        Case("a name in the query", nothing, query=f"?user_id={alice['id']}&user=alice"),
        Case("under another name in the query", nothing, query=f"?access_token={good}&jwt={good}"),
        Case("nothing at all", nothing),
    ]


def _sid(told: dict[str, Any]) -> str:
    body = told["other"]["access"].split(".")[1]
    sid: str = json.loads(base64.urlsafe_b64decode(body + "=="))["sid"]
    return sid
