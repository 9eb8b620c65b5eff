"""Command: what a socket client asks; Reply: its one answer; and the registry of who answers what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from carillon.errors import Invalid
from carillon.realtime.identity import Identity


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a dialect decoded it; `ref` names it on its connection, `client_id` for ever.

    `person` is who the client says it is: compared with who it is, and never used.
    """

    name: str
    data: dict[str, Any] = {}
    ref: str | None = None
    client_id: str | None = None
    person: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a command: a struct of the handler's."""

    ref: str | None
    command: str
    data: Any


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, from which connection, and under which name for ever, if they gave it one."""

    identity: Identity
    connection: str = ""
    client_id: str | None = None
    # What a handler wants done on the loop, with the Connection, right after its answer was said.
    afterwards: list[Callable[[Any], object]] = []

    @property
    def person(self) -> str:
        """The primary key of the user, as text."""
        return self.identity.person


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of a command that takes none, or the answer of one that says nothing."""


Handler = Callable[[Caller, Any], Any]


class HotAction(Protocol):
    """A `carillon.realtime.hot.Hot`, as the exchange sees it: it carries out an item with others, and makes the answer to it."""

    async def ask(
        self, run: Callable[..., Awaitable[Any]], item: Any, answer: Callable[[Any], bytes], once: Any = None
    ) -> bytes: ...


class Definition(msgspec.Struct, frozen=True):
    """A command that clients may send: the struct of its parameters and of its reply; `is_write` makes it repeatable by `client_id`.

    The handler of a hot one makes the item for its action, and `answer` the reply from the result.
    """

    name: str
    handler: Handler
    params: type[msgspec.Struct]
    reply: type[msgspec.Struct]
    is_write: bool
    hot: HotAction | None = None
    answer: Callable[[Any], Any] = lambda result: result

    def validate(self, data: dict[str, Any]) -> msgspec.Struct:
        """The typed parameters; raises Invalid naming the field that is wrong."""
        try:
            return msgspec.convert(data, self.params)
        except msgspec.ValidationError as error:
            raise invalid_field(error) from None


_commands: dict[str, Definition] = {}
_H = TypeVar("_H", bound=Handler)


def command(
    name: str, *, params: type[msgspec.Struct] = Nothing, reply: type[msgspec.Struct] = Nothing, is_write: bool = True
) -> Callable[[_H], _H]:
    """Let clients send this command; the function gets the Caller and the typed parameters, in a thread."""

    def register(handler: _H) -> _H:
        if name in _commands:
            raise ValueError(f"command {name!r} is defined twice")
        _commands[name] = Definition(name, handler, params, reply, is_write)
        return handler

    return register


def hot_command(
    name: str,
    action: HotAction,
    answer: Callable[[Any], msgspec.Struct],
    *,
    params: type[msgspec.Struct] = Nothing,
    reply: type[msgspec.Struct] = Nothing,
) -> Callable[[_H], _H]:
    """Let clients send this command, which is carried out together with others by a hot action.

    The function gets the Caller and the typed parameters in the loop, where it may not wait, and returns the item;
    `answer` makes the reply from the result once positions are known, in the transaction. Neither may touch the database.
    """

    def register(handler: _H) -> _H:
        command(name, params=params, reply=reply)(handler)
        _commands[name] = msgspec.structs.replace(_commands[name], hot=action, answer=answer)
        return handler

    return register


def definition_of(name: str) -> Definition:
    """The command of that name; raises Invalid `unknown_type`."""
    try:
        return _commands[name]
    except KeyError:
        raise Invalid("unknown_type", f"There is no command {name[:64]!r}.") from None


def registered_commands() -> dict[str, Definition]:
    """Every command that clients may send, by name."""
    return dict(_commands)


def invalid_field(error: msgspec.ValidationError) -> Invalid:
    """An Invalid that names the field msgspec complained of."""
    message, _, path = str(error).partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    slug = "unknown_field" if "unknown field" in message else "invalid"
    return Invalid(slug, message + ".", details=[{"field": field, "message": message}])
