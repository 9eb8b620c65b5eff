"""Static files, found without collecting them: cached for ever where their name holds a hash, never listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import override_settings

from carillon.server.static import StaticFiles


async def host(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "host", "path": scope.get("path")})


@pytest.fixture
def files(tmp_path: Path) -> Any:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-BcD3_f-9.js").write_text("1")
    (tmp_path / "mark.svg").write_text("<svg/>")
    with override_settings(STATICFILES_DIRS=[("demo", tmp_path)]):
        finders.get_finder.cache_clear()
        yield StaticFiles(host)
    finders.get_finder.cache_clear()


async def get(files: StaticFiles, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    given = [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "path": path, "method": method, "headers": given}, None, send)
    if sent[0]["type"] == "host":
        return 0, {}, b""
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


async def test_a_file_is_served_and_asked_again(files: StaticFiles) -> None:
    status, headers, body = await get(files, "/static/demo/mark.svg")
    assert (status, body, headers["content-type"]) == (200, b"<svg/>", "image/svg+xml")
    assert "immutable" not in headers["cache-control"] and headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers
    assert (await get(files, "/static/demo/mark.svg", if_none_match=headers["etag"]))[0] == 304
    assert (await get(files, "/static/demo/mark.svg", "HEAD"))[2] == b""
    assert (await get(files, "/static/demo/mark.svg", "POST"))[0] == 405


async def test_a_hashed_name_is_kept_for_ever(files: StaticFiles) -> None:
    _, headers, _ = await get(files, "/static/demo/assets/index-BcD3_f-9.js")
    assert "immutable" in headers["cache-control"]


async def test_packages_files_are_there_without_collecting(files: StaticFiles) -> None:
    assert (await get(files, "/static/admin/css/base.css"))[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/static/", "/static/demo/", "/static/demo/../demo/mark.svg", "/static/demo/none.js", "/mark.svg"]
)
async def test_everything_else_is_the_applications(files: StaticFiles, path: str) -> None:
    assert (await get(files, path))[0] == 0


async def test_sockets_and_lifespan_pass(files: StaticFiles) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await files({"type": "websocket", "path": "/static/demo/mark.svg"}, None, send)
    await files({"type": "lifespan"}, None, send)
    assert [message["type"] for message in sent] == ["host", "host"]
