"""The example host does what its README says, in fewer than 60 lines."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.host import Host, Visitor
from tests.support.covers import covers
from tests.support.sockets import open_socket
from tests.support.tree import ROOT

EXAMPLE = ROOT / "examples" / "embed"

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("embed")
    copy = shutil.copytree(EXAMPLE, folder / "embed", ignore=shutil.ignore_patterns("*.sqlite3*", "__pycache__"))
    host = Host(Path(copy), "shop", folder)
    for line in _commands():
        if line.startswith("python manage.py") and "carillon_notify" not in line:
            extra = ["--noinput"] if "createsuperuser" in line else []
            host.manage(*line.split()[2:], *extra, DJANGO_SUPERUSER_PASSWORD="secret")
    host.serve()
    yield host
    host.kill()


def _commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_it_is_short_and_complete(host: Host) -> None:
    code = [line for path in EXAMPLE.rglob("*.py") for line in path.read_text().splitlines() if line.strip()]
    assert len(code) < 60
    assert "no issues" in host.manage("check", "--database", "default")
    assert "No changes detected" in host.manage("makemigrations", "--check", "--dry-run")
    assert any(line.startswith("uvicorn shop.asgi:application") for line in _commands())


def test_its_page_is_for_people_who_are_signed_in(host: Host) -> None:
    with Visitor(host) as visitor:
        assert visitor.get("/").headers["location"] == "/accounts/login/?next=/"
        visitor.sign_in("ada")
        assert "Signed in as ada" in visitor.get("/").text


@covers("000-01", "000-41", "001-04", "004-47")
async def test_an_order_and_a_command_ring(host: Host) -> None:
    with Visitor(host) as ada:
        ada.sign_in("ada")
        snapshot = ada.get("/live/notifications/").json()
        async with open_socket(host.socket_url(), cookie=ada.cookie, origin=host.url) as socket:
            topic = {"topic": socket.hello["user_topic"], "position": snapshot["position"]}
            await socket.command("subscribe", topic)
            assert (await asyncio.to_thread(ada.submit, "/")).status_code == 302
            event = await socket.next("notification.created")
            assert event["data"]["notification"]["title"] == "Your order is on its way"
            assert event["data"]["inbox"]["unread"] == snapshot["inbox"]["unread"] + 1
            command = next(line for line in _commands() if "carillon_notify" in line)
            await asyncio.to_thread(host.manage, "carillon_notify", "ada", command.split('"')[1])
            event = await socket.next("notification.created", seconds=8)
            assert event["data"]["notification"]["title"] == "From another process"
