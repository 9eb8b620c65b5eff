"""Static files in front of the application: found once at start, compressed or immutable where they may be, by WhiteNoise."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

_CHUNK = 64 * 1024
# Vite puts eight characters of a hash into the names of what it builds.
_HASHED = re.compile(r"/assets/[^/]+-[A-Za-z0-9_-]{8}\.\w+$")


class StaticFiles:
    """ASGI: answers GET and HEAD of known static files, and leaves everything else to the application."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self._files = WhiteNoise(None, max_age=60, immutable_file_test=_is_hashed, allow_all_origins=False)
        for url, path in _found():
            self._files.add_file_to_dictionary(url, path)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the file, or call the application."""
        file = self._files.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self.application(scope, receive, send)
        else:
            await _send(file, scope, send)


def _found() -> Iterator[tuple[str, str]]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            prefix = getattr(storage, "prefix", None)
            yield settings.STATIC_URL + (f"{prefix}/{path}" if prefix else path), storage.path(path)


def _is_hashed(path: str, url: str) -> bool:
    return bool(_HASHED.search(url))


async def _send(file: StaticFile, scope: Any, send: Any) -> None:
    wanted = {
        f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode("latin-1") for name, value in scope["headers"]
    }
    answer = await asyncio.to_thread(file.get_response, scope["method"], wanted)
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"x-content-type-options", b"nosniff"))
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    if answer.file is not None:
        with answer.file:
            while chunk := await asyncio.to_thread(answer.file.read, _CHUNK):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
