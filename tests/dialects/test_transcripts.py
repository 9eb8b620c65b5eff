"""What the documents print, played against the server under each ASGI server that is promised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialects.serving import SERVERS, serving
from tests.support import transcripts
from tests.support.covers import covers
from tests.support.server import Server

pytestmark = pytest.mark.serial

BELL = ("000-03", "000-04", "000-10", *(f"000-{n}" for n in range(13, 24)))
MENTORING = ("001-04", "001-05", "001-14", *(f"001-{n}" for n in range(21, 28)))


@pytest.fixture(scope="module", params=SERVERS)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as server:
        yield server


async def _play(server: Server, dialect: str, name: str, subprotocol: str = "") -> None:
    await transcripts.Player(server, subprotocol).play(transcripts.load(dialect, name))


@pytest.mark.parametrize("name", transcripts.names("bell"))
@covers("000-03", "000-04", "000-10", "000-13", "000-14", "000-15", "000-16")
@covers("000-17", "000-18", "000-19", "000-20", "000-21", "000-22", "000-23")
async def test_source_000(host: Server, name: str) -> None:
    await _play(host, "bell", name, "carillon.bell")


@pytest.mark.parametrize("name", transcripts.names("mentoring"))
@covers("001-04", "001-05", "001-14", "001-21", "001-22", "001-23", "001-24", "001-25", "001-26", "001-27")
async def test_source_001(host: Server, name: str) -> None:
    await _play(host, "mentoring", name)


def test_the_dialogues_show_what_the_marks_say() -> None:
    assert transcripts.covered(["bell"]) == set(BELL)
    assert transcripts.covered(["mentoring"]) == set(MENTORING)
