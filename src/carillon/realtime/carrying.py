"""Carrying out commands: each in a thread of its own, hot ones together with those of others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from carillon.realtime.command import Caller, Definition
from carillon.realtime.event import encode_json
from carillon.realtime.idempotency import Once, run_once


async def carry_out(
    run: Callable[..., Awaitable[Any]],
    definition: Definition,
    caller: Caller,
    params: msgspec.Struct,
    client_id: str | None,
) -> bytes:
    """Carry out a command, at most once with a `client_id`; `run` gives it a thread. Returns the reply as JSON."""
    if definition.hot is None:
        made: bytes = await run(_handle, definition, caller, params, client_id)
        return made
    # Waits without a thread, so that as many are written together as there are sockets.
    once = Once.of(caller.person, definition.name, client_id, params) if client_id is not None else None
    item = definition.handler(caller, params)
    return await definition.hot.ask(run, item, lambda result: encode_json(definition.answer(result)), once)


def _handle(definition: Definition, caller: Caller, params: msgspec.Struct, client_id: str | None) -> bytes:
    """Run a command's handler in this thread; with a `client_id`, at most once. Returns the reply as JSON."""

    def work() -> Any:
        answer = definition.handler(caller, params)
        return lambda: encode_json(answer() if callable(answer) else answer)

    if definition.is_write and client_id is not None:
        return run_once(caller.person, definition.name, client_id, params, work)[0]
    made: bytes = work()()
    return made
