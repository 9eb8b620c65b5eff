"""Front: our one endpoint as a consumer class, for hosts that route their sockets by hand."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from carillon.realtime.dialect import Dialect, Route
from carillon.realtime.endpoint import Receive, Send, endpoint
from carillon.realtime.handshake import Scope

_ANYWHERE = re.compile(r".*", re.DOTALL)


class Front:
    """A consumer as Channels' URLRouter takes one; `scope["user"]` counts where a middleware of the host's set it."""

    dialects: ClassVar[tuple[Dialect, ...]]

    @classmethod
    def as_asgi(cls, **_: Any) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The ASGI application; it answers wherever it is routed to."""
        routes = [Route(_ANYWHERE, dialect) for dialect in cls.dialects]

        async def front(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint(scope, receive, send, routes)

        return front
